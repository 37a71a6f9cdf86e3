package dev.kelvin.operator.decide;

import java.util.Optional;

/** One thing to look after. */
interface Concern {
  /**
   * The next step for it.
   *
   * @return empty when all is well with it, and the next concern may speak. A {@link Step.Wait}
   *     keeps those that come after from acting.
   */
  Optional<Step> next(View view);
}
