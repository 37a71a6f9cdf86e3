package dev.kelvin.member;

import dev.kelvin.replica.DiskSpace;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Looks at how much of the data's file system is usable: often, as a fast disk fills a reserve
 * within a second. Below the reserve the node counts as short of space; it ceases to when an eighth
 * more than the reserve is usable, so that it does not change its mind with every file.
 */
final class SpaceWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("kelvin.member");
  private static final long PERIOD_MILLIS = 100;

  /** What met a full disk is tried again once in so many looks. */
  private static final int LOOKS_PER_TRY = 10;

  /** Bytes that the node may still use. */
  interface Usable {
    long bytes() throws IOException;
  }

  private final String where;
  private final Usable usable;
  private final long reserve;
  private final DiskSpace space;
  private final Runnable tryAgain;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("kelvin-space").daemon().factory());
  private boolean below;
  private long looks;
  private String trouble = "";

  /**
   * @param where the data are, for people
   * @param reserve bytes kept for what frees space
   * @param tryAgain called about once a second: what waits for space may find some, and other
   *     trouble may have shown
   */
  SpaceWatch(String where, Usable usable, long reserve, DiskSpace space, Runnable tryAgain) {
    this.where = where;
    this.usable = usable;
    this.reserve = reserve;
    this.space = space;
    this.tryAgain = tryAgain;
  }

  /** Looks once before it returns. */
  void start() {
    look();
    timer.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  void look() {
    try {
      judge(usable.bytes());
      trouble = "";
    } catch (IOException e) {
      if (!trouble.equals(e.toString())) {
        trouble = e.toString();
        LOG.warnf("cannot tell how much of %s is usable: %s", where, e);
      }
    }
    looks++;
    if (looks % LOOKS_PER_TRY == 0) {
      tryAgain.run();
    }
  }

  private void judge(long bytes) {
    boolean now = below ? bytes < reserve + reserve / 8 : bytes < reserve;
    if (now == below) {
      return;
    }
    below = now;
    space.belowReserve(now);
    if (now) {
      LOG.errorf(
          "disk short: %s usable in %s, reserve %s: as leader this node refuses writes that add data; free space, delete keys and compact, or give it a larger disk",
          mib(bytes), where, mib(reserve));
    } else {
      LOG.infof(
          "disk has space again: %s usable in %s, reserve %s", mib(bytes), where, mib(reserve));
    }
  }

  private static String mib(long bytes) {
    return "%.1f MiB".formatted(bytes / 1048576.0);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
