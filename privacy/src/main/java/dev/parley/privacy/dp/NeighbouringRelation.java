package dev.parley.privacy.dp;

/**
 * Which two datasets must be hard to tell apart. A promise without it says nothing: the same noise can be worth epsilon
 * 2.4 under one relation and 4.2 under the other.
 */
public sealed interface NeighbouringRelation {
    /** The default of DP-SGD's literature. */
    AddOrRemoveOne ADD_OR_REMOVE_ONE = new AddOrRemoveOne();

    /** What is needed where the number of units is public. */
    ReplaceOne REPLACE_ONE = new ReplaceOne();

    /** One dataset has one unit more than the other. Hides whether somebody is in it. */
    record AddOrRemoveOne() implements NeighbouringRelation {
        @Override
        public String toString() {
            return "add-remove";
        }
    }

    /** Both have as many units, one of which differs. Hides what somebody's records say, their number being public. */
    record ReplaceOne() implements NeighbouringRelation {
        @Override
        public String toString() {
            return "replace";
        }
    }
}
