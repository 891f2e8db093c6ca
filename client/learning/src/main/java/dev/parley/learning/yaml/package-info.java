/**
 * Reading YAML written by people: key by key, every error with file, line, key, rule and what was found. Shared by the
 * data manifest and the programs' configuration.
 *
 * <p>What may not enter: knowledge of any particular file's keys; maps handed on unread.
 */
@NullMarked
package dev.parley.learning.yaml;

import org.jspecify.annotations.NullMarked;
