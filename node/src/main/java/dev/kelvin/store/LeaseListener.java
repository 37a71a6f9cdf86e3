package dev.kelvin.store;

import java.util.List;

/**
 * Hears what became of leases, in order, on the applying thread, which it must not hold up; before
 * whoever asked for it hears the outcome.
 */
public interface LeaseListener {
  void changed(List<LeaseChange> changes);

  /** A snapshot took the place of everything. */
  void replaced();

  /** Wants nothing. */
  LeaseListener NOBODY =
      new LeaseListener() {
        @Override
        public void changed(List<LeaseChange> changes) {
          // Nobody to tell.
        }

        @Override
        public void replaced() {
          // Nobody to tell.
        }
      };
}
