package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation is worth what it finds: each known mistake must be found, and soon. */
class BrokenVariantsTest {
  enum Variant {
    VOTE_FORGOTTEN_OVER_A_RESTART(BrokenVariants::voteForgotten, 150),
    OLDER_TERM_COMMITTED_BY_COUNTING(BrokenVariants::olderTermCommitted, 300),
    ACKNOWLEDGED_BEFORE_SYNC(BrokenVariants::acknowledgedBeforeSync, 20),
    READ_WITHOUT_CONFIRMED_LEADERSHIP(BrokenVariants::unconfirmedRead, 100),
    READ_JOINS_A_ROUND_UNDER_WAY(BrokenVariants::joinedRead, 150),
    SECOND_CHANGE_BEFORE_THE_FIRST_COMMITTED(BrokenVariants::changeBesideChange, 100),
    APPLIED_INDEX_APART_FROM_ITS_DATA(BrokenVariants::appliedIndexApart, 20);

    private final Supplier<Sabotage> sabotage;
    private final int seeds;

    Variant(Supplier<Sabotage> sabotage, int seeds) {
      this.sabotage = sabotage;
      this.seeds = seeds;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isCaught(Variant variant) {
    for (long seed = 1; seed <= variant.seeds; seed++) {
      var result = Simulation.run(seed, variant.sabotage.get(), null);
      if (result.violation() != null) {
        System.out.printf(
            "caught: %s at seed %d by %s%n",
            variant.name().toLowerCase().replace('_', ' '), seed, result.violation().check());
        return;
      }
    }
    fail(variant + " was not caught in " + variant.seeds + " seeds");
  }
}
