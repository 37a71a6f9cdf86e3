package dev.kelvin.operator.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operator.decide.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultsTest {
  private static final Step JOIN = new Step.Join(1, 5, List.of());
  private static final Step REMOVE = new Step.Remove(7, 101, 1, "test");

  @TempDir Path dir;
  private final List<String> halted = new ArrayList<>();

  private Faults faults(String places) {
    return new Faults(places, dir, halted::add);
  }

  private void run(Faults faults, Step... steps) {
    for (var step : steps) {
      faults.before(step);
      faults.after(step);
    }
  }

  @Test
  void withoutAnyNothingHalts() {
    run(faults(""), JOIN, REMOVE);
    assertEquals(List.of(), halted);
  }

  @Test
  void aPlaceHaltsOnceAlsoInTheNextProcess() {
    run(faults("after:Join"), REMOVE, JOIN, JOIN);
    run(faults("after:Join"), JOIN);
    assertEquals(List.of("after:Join"), halted);
  }

  @Test
  void aStarIsEachStepOnceButNoWaiting() {
    run(faults("before:*, after:Remove"), JOIN, new Step.Wait("x", "y"), REMOVE, JOIN);
    assertEquals(List.of("before:Join", "before:Remove", "after:Remove"), halted);
  }

  @Test
  void aTypoIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> faults("during:Join"));
    assertThrows(IllegalArgumentException.class, () -> faults("Join"));
  }
}
