package dev.kelvin.replica;

/**
 * Whether the disk has room, for whoever has to refuse, wait or hand over because of it. Short is
 * what its owner measured, and what the log or the store has met since. Any thread.
 */
public final class DiskSpace {
  /** Where a write is waiting for space. */
  enum Waiting {
    LOG("the log"),
    STORE("the store"),
    BACKGROUND("the store's background work");

    private final String what;

    Waiting(String what) {
      this.what = what;
    }

    /** For people. */
    String what() {
      return what;
    }
  }

  private final boolean[] waits = new boolean[Waiting.values().length];
  private volatile boolean belowReserve;
  private volatile boolean anyWaits;

  /** Whether commands that add data have to be refused. */
  public boolean isShort() {
    return belowReserve || anyWaits;
  }

  /** Whether a write waits for space, now. */
  boolean anyWaits() {
    return anyWaits;
  }

  /** Whether less is usable than is kept back for deletes and compaction, as last measured. */
  public void belowReserve(boolean now) {
    belowReserve = now;
  }

  synchronized void waits(Waiting where, boolean now) {
    waits[where.ordinal()] = now;
    boolean any = false;
    for (var wait : waits) {
      any |= wait;
    }
    anyWaits = any;
  }
}
