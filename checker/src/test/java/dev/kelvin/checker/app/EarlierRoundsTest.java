package dev.kelvin.checker.app;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.checker.Kv;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlierRoundsTest {
  private static final Kv A = new Kv("1-a", "v1", 5, 6, 2);
  private static final Kv B = new Kv("1-b", "v2", 7, 7, 1);

  private final EarlierRounds rounds = new EarlierRounds();

  private void over(Operation... unknown) {
    rounds.add(new Request.Range("1-", "1.", 0, 0, false), List.of(A, B), List.of(unknown));
  }

  private static Operation put(String key, Result result) {
    return new Operation(1, "c", 0, Long.MAX_VALUE, new Request.Put(key, "v3", false), result);
  }

  private void wrong(Kv... found) {
    assertThrows(Violation.class, () -> rounds.compare(List.of(found)));
  }

  @Test
  void whatWasThereStaysThere() {
    over();
    rounds.compare(List.of(A, B));
    wrong(A);
    wrong(A, new Kv("1-b", "v2", 7, 9, 2));
    wrong(A, B, new Kv("1-c", "v3", 9, 9, 1));
  }

  @Test
  void onlyAKeyWithAWriteOfUnknownOutcomeMayChange() {
    over(put("1-a", new Unknown("")));
    wrong(A, new Kv("1-b", "v3", 9, 9, 1));
    wrong(new Kv("1-a", "v0", 5, 5, 1), B);
    var later = new Kv("1-a", "v3", 5, 9, 3);
    rounds.compare(List.of(later, B));
    wrong(A, B);
  }

  @Test
  void aRoundForgottenIsLookedForNoMore() {
    over();
    rounds.forgetOldest();
    rounds.compare(List.of());
  }
}
