package dev.kelvin.sim;

import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Request;
import java.util.function.Consumer;

/** A node as a client sees it. */
interface Server {
  String name();

  /**
   * @param answer called at most once; never when the node dies without a word
   */
  void ask(Request request, Consumer<Result> answer);
}
