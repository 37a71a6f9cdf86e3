package dev.kelvin.replica;

/**
 * One loop's wait for disk space. What met a full disk stays where it is and is tried again each
 * time space may have come, not more often; both ends of the wait are told. The loop's own thread,
 * but for {@link #mayEnd}.
 */
final class SpaceWait {
  private final DiskSpace space;
  private final DiskSpace.Waiting where;
  private final ReplicaEvents events;
  private volatile boolean waiting;
  private volatile boolean tryAgain;

  SpaceWait(DiskSpace space, DiskSpace.Waiting where, ReplicaEvents events) {
    this.space = space;
    this.where = where;
    this.events = events;
  }

  /** Whether it is not the time to try. */
  boolean on() {
    return waiting && !tryAgain;
  }

  /** Whether the disk is short of space at all. */
  boolean isShort() {
    return space.isShort();
  }

  void begin(RuntimeException why) {
    tryAgain = false;
    if (!waiting) {
      waiting = true;
      space.waits(where, true);
      events.waitsForSpace(where.what(), why.getMessage());
    }
  }

  /** What was to be written is written. */
  void end() {
    if (waiting) {
      waiting = false;
      space.waits(where, false);
      events.hasSpaceAgain(where.what());
    }
  }

  /** Space may have come. Any thread. */
  void mayEnd() {
    tryAgain = true;
  }
}
