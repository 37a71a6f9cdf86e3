package dev.kelvin.chaos;

import dev.kelvin.process.NodeProcess.Place;

/** What the nodes are connected by. Nodes have numbers from 0. */
interface Links extends AutoCloseable {

  /** Where node {@code node} is to run. */
  Place place(int node);

  /** Whether links can be cut and slowed here; if not, the methods below must not be called. */
  boolean canBeCut();

  /** Loses all that {@code from} sends to {@code to}, until {@link #mend}. */
  void cut(int from, int to);

  /**
   * Lets through so many kbit/s of what {@code from} sends to {@code to}: more waits, for up to
   * half a second, and then is lost.
   */
  void slow(int from, int to, int kbits);

  /** As at the beginning. */
  void mend(int from, int to);

  @Override
  void close();
}
