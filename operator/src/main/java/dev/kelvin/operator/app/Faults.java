package dev.kelvin.operator.app;

import dev.kelvin.operator.decide.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * For tests that show that the operator may die anywhere: halts the process at the named places,
 * each once. A place is {@code before:STEP} or {@code after:STEP} (after it was carried out, before
 * it was reported), STEP a step's name or {@code *} for each of them; several are separated by
 * commas. Which have been is remembered in a directory that outlives the process.
 */
final class Faults {
  private static final Logger LOG = Logger.getLogger(Faults.class);

  private final List<String> places;
  private final Path spent;
  private final Consumer<String> halt;

  Faults(String places, Path spent, Consumer<String> halt) {
    this.places =
        Arrays.stream(places.split(",")).map(String::trim).filter(p -> !p.isEmpty()).toList();
    for (var place : this.places) {
      if (!place.matches("(before|after):([A-Z][A-Za-z]+|\\*)")) {
        throw new IllegalArgumentException(
            "a fault is before:STEP or after:STEP, STEP may be *; found: " + place);
      }
    }
    this.spent = spent;
    this.halt = halt;
  }

  /** Halts as if killed. */
  static void kill(String place) {
    LOG.warnf("halts %s, as KELVIN_OPERATOR_FAULT says", place);
    Runtime.getRuntime().halt(137);
  }

  void before(Step step) {
    at("before", step);
  }

  void after(Step step) {
    at("after", step);
  }

  private void at(String when, Step step) {
    if (places.isEmpty() || step instanceof Step.Wait) {
      return;
    }
    var place = when + ":" + step.getClass().getSimpleName();
    if ((places.contains(place) || places.contains(when + ":*")) && first(place)) {
      halt.accept(place);
    }
  }

  private boolean first(String place) {
    try {
      Files.createDirectories(spent);
      Files.createFile(spent.resolve(place.replace(':', '-')));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
