package dev.kelvin.raft;

/**
 * What a replica must not forget over a restart.
 *
 * @param term latest term seen
 * @param vote member voted for in that term; 0 for none
 * @param commit highest index known committed; a hint that may lag
 */
public record HardState(long term, long vote, long commit) {
  public static final HardState EMPTY = new HardState(0, 0, 0);
}
