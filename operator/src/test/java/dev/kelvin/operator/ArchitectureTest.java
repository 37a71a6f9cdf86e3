package dev.kelvin.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** The operator's rooms and who may enter which. */
@AnalyzeClasses(
    packages = "dev.kelvin.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** From the top down: each may use only those after it. */
  private static final List<String> ROOMS =
      List.of("app", "act", "observe", "report", "care", "children", "crd", "decide", "facts");

  @ArchTest
  static void aRoomUsesOnlyThoseBelowIt(JavaClasses classes) {
    for (int i = 1; i < ROOMS.size(); i++) {
      var above = ROOMS.subList(0, i).stream().map(r -> "dev.kelvin.operator." + r + "..");
      noClasses()
          .that()
          .resideInAPackage("dev.kelvin.operator." + ROOMS.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above.toArray(String[]::new))
          .check(classes);
    }
  }

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("dev.kelvin.operator.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule DECISIONS_KNOW_NOTHING_OF_KUBERNETES_OR_THE_NETWORK =
      noClasses()
          .that()
          .resideInAnyPackage("dev.kelvin.operator.facts..", "dev.kelvin.operator.decide..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io..", "com..", "jakarta..", "org..", "java.io..", "java.net..", "java.nio..");

  @ArchTest
  static final ArchRule DECISIONS_READ_NO_CLOCK_AND_TAKE_NO_CHANCES =
      noClasses()
          .that()
          .resideInAnyPackage("dev.kelvin.operator.facts..", "dev.kelvin.operator.decide..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              Random.class, UUID.class, ThreadLocalRandom.class, Clock.class, Thread.class)
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now");
}
