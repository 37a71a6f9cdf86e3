package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void alignsTheFirstColumnLeftAndTheOthersRight() {
    var table = new Table("what", "n").row("a long name", "7").row("x", "1234");
    assertEquals("what            n\na long name     7\nx            1234\n", table.text());
  }

  @Test
  void printsMarkdown() {
    assertEquals(
        "| a | b |\n|---|---:|\n| x | 1 |\n", new Table("a", "b").row("x", "1").markdown());
  }

  @Test
  void refusesARowOfAnotherWidth() {
    var table = new Table("a", "b");
    assertThrows(IllegalArgumentException.class, () -> table.row("x"));
  }

  @Test
  void judgesEachTargetAndCountsTheMissedOnes() {
    var verdicts = new Verdicts();
    verdicts.atMost("cpu", 100, 40, 0.4, 0);
    verdicts.atLeast("rate", 100, 199, 2, 0);
    verdicts.under("start", Double.NaN, 1999, 2000, 0);
    verdicts.none("missing", 0, 1);
    verdicts.shown("other", 1, 100, 0);
    assertEquals(2, verdicts.missed());
    var lines = verdicts.table().text().lines().toList();
    assertTrue(lines.get(1).endsWith("yes"), lines.get(1));
    assertTrue(lines.get(2).endsWith("no"), lines.get(2));
    assertTrue(lines.get(3).matches("start +- +1999 +- +< 2000 +yes"), lines.get(3));
    assertTrue(lines.get(4).endsWith("no"), lines.get(4));
  }

  @Test
  void aNumberThatWasNotMeasuredMeetsNoTarget() {
    var verdicts = new Verdicts();
    verdicts.atMost("cpu", 100, Double.NaN, 0.4, 0);
    verdicts.under("start", Double.NaN, Double.NaN, 2000, 0);
    assertEquals(2, verdicts.missed());
  }

  @Test
  void takesTheMedian() {
    assertEquals(2, Rounds.median(9, 1, 2));
    assertEquals(1.5, Rounds.median(1, 2));
    assertTrue(Double.isNaN(Rounds.median()));
  }
}
