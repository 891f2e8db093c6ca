package dev.parley.server.console.account;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What a person or a script is here for. The permission matrix is this class and nothing else. */
public enum Role {
    /** Looks at everything, changes nothing, takes no model away. */
    AUDITOR(EnumSet.of(Permission.READ, Permission.READ_ACCESS, Permission.MANAGE_OWN_KEYS)),
    /** Runs the federation. */
    OPERATOR(EnumSet.allOf(Permission.class));

    private final Set<Permission> permissions;

    Role(Set<Permission> permissions) {
        this.permissions = Set.copyOf(permissions);
    }

    public boolean permits(Permission permission) {
        return permissions.contains(permission);
    }

    /** Whether every permission of {@code other} is one of this role's. */
    public boolean covers(Role other) {
        return permissions.containsAll(other.permissions);
    }

    /** As configuration, pages and scripts write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException that names the roles there are */
    public static Role of(String word) {
        for (Role role : values()) {
            if (role.word().equals(word)) {
                return role;
            }
        }
        throw new IllegalArgumentException("a role is operator or auditor");
    }
}
