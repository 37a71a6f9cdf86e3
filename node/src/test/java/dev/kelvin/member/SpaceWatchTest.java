package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.replica.DiskSpace;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpaceWatchTest {
  private final DiskSpace space = new DiskSpace();
  private final AtomicInteger tries = new AtomicInteger();
  private long usable;

  @Test
  void isShortBelowTheReserveAndNoLongerAnEighthAboveIt() {
    try (var watch = new SpaceWatch("here", () -> usable, 800, space, tries::incrementAndGet)) {
      for (long[] step :
          new long[][] {{800, 0}, {799, 1}, {800, 1}, {899, 1}, {900, 0}, {800, 0}}) {
        usable = step[0];
        watch.look();
        assertEquals(step[1] == 1, space.isShort(), "with " + usable + " bytes usable");
      }
      assertEquals(0, tries.get());
      for (int i = 6; i < 20; i++) {
        watch.look();
      }
      assertEquals(2, tries.get());
    }
  }

  @Test
  void whatItKnewHoldsWhileTheDiskCannotBeAsked() {
    try (var watch =
        new SpaceWatch(
            "here",
            () -> {
              if (usable < 0) {
                throw new IOException("gone");
              }
              return usable;
            },
            800,
            space,
            tries::incrementAndGet)) {
      usable = 1000;
      watch.look();
      usable = -1;
      watch.look();
      assertFalse(space.isShort());
      usable = 1;
      watch.look();
      usable = -1;
      watch.look();
      assertTrue(space.isShort());
    }
  }
}
