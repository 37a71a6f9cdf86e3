package dev.kelvin.app;

import java.util.concurrent.atomic.AtomicReference;

/**
 * What {@link Main} made before the framework started, for the beans that need it. The framework
 * makes its beans itself, so that this cannot be handed over as an argument.
 *
 * @param whenServing run once all ports are open; must not block
 */
record Launch(Options options, NodeFactory.Running running, Runnable whenServing) {
  private static final AtomicReference<Launch> CURRENT = new AtomicReference<>();

  static void set(Launch launch) {
    if (!CURRENT.compareAndSet(null, launch)) {
      throw new IllegalStateException("launched twice in one process");
    }
  }

  static Launch current() {
    var launch = CURRENT.get();
    if (launch == null) {
      throw new IllegalStateException("not launched by " + Main.class.getName());
    }
    return launch;
  }
}
