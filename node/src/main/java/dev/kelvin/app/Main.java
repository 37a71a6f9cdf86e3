package dev.kelvin.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.PrintWriter;

/** The program. Options are read before the framework starts: help and typos never boot it. */
@QuarkusMain
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    var parsed = CommandLineParser.parse(args, System.getenv(), Version.KELVIN, out, err);
    if (parsed.options().isEmpty()) {
      System.exit(parsed.exitCode());
    }
    var options = parsed.options().get();
    var problem = Ports.problem(options);
    if (problem.isPresent()) {
      err.println("kelvin: " + problem.get());
      System.exit(1);
    }
    FrameworkSettings.of(options).forEach(System::setProperty);
    NodeFactory.Running running;
    try {
      running = Nodes.factory().start(options);
    } catch (RuntimeException e) {
      err.println("kelvin: cannot start: " + e.getMessage());
      System.exit(1);
      return;
    }
    Launch.set(new Launch(options, running, parsed.whenServing()));
    Quarkus.run();
  }
}
