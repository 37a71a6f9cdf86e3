package dev.kelvin.app;

import dev.kelvin.member.Node;

/** Makes the node behind the front doors run. */
interface NodeFactory {
  /** A node that runs. */
  interface Running {
    Node node();

    /** Hands leadership over, if this node leads; it goes on serving. */
    void handOver();

    /** Ends its threads and closes its files; bounded in time. */
    void close();
  }

  /**
   * @throws RuntimeException if it cannot start; the message says why, for people
   */
  Running start(Options options);
}
