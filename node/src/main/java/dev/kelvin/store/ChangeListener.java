package dev.kelvin.store;

import java.util.List;

/** Hears what became readable, in order, on the applying thread, which it must not hold up. */
public interface ChangeListener {
  /** Whether the changes of the batch that begins are to be collected. */
  boolean wanted();

  /**
   * A batch was applied, or a snapshot took the place of everything.
   *
   * @param changes all there were since the last call, in order; null when they were not collected
   * @param revision of the store from now on
   */
  void changed(List<Change> changes, long revision);

  /** Wants nothing. */
  ChangeListener NOBODY =
      new ChangeListener() {
        @Override
        public boolean wanted() {
          return false;
        }

        @Override
        public void changed(List<Change> changes, long revision) {
          // Nobody to tell.
        }
      };
}
