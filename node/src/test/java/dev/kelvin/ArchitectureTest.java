package dev.kelvin;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** The rooms of docs/architecture.md and who may enter which. */
@AnalyzeClasses(packages = "dev.kelvin", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** From the top down: each may use only those after it. */
  private static final List<String> ROOMS =
      List.of(
          "app", "api", "member", "duty", "replica", "peer", "watch", "store", "log", "meter",
          "raft");

  @ArchTest
  static void aRoomUsesOnlyThoseBelowIt(com.tngtech.archunit.core.domain.JavaClasses classes) {
    for (int i = 0; i < ROOMS.size(); i++) {
      var above = ROOMS.subList(0, i).stream().map(r -> "dev.kelvin." + r + "..");
      if (i > 0) {
        noClasses()
            .that()
            .resideInAPackage("dev.kelvin." + ROOMS.get(i) + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(above.toArray(String[]::new))
            .allowEmptyShould(true)
            .check(classes);
      }
    }
  }

  @ArchTest
  static final ArchRule NO_CYCLES = slices().matching("dev.kelvin.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule WHAT_CHECKS_HISTORIES_IS_FOR_TESTS =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kelvin.checker..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.kelvin.checker..");

  @ArchTest
  static final ArchRule DOORS_DO_NOT_KNOW_EACH_OTHER =
      slices().matching("dev.kelvin.api.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule SHARED_DOOR_CODE_KNOWS_NO_TRANSPORT =
      noClasses()
          .that()
          .resideInAPackage("dev.kelvin.api")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.grpc..", "io.netty..", "io.vertx..", "jakarta.ws..", "io.quarkus..");

  @ArchTest
  static final ArchRule RAFT_IS_PURE =
      classes()
          .that()
          .resideInAPackage("dev.kelvin.raft..")
          .should()
          .onlyDependOnClassesThat(
              resideInAPackage("dev.kelvin.raft..")
                  .or(
                      resideInAPackage("java..")
                          .and(
                              not(
                                  resideInAnyPackage(
                                      "java.io..",
                                      "java.net..",
                                      "java.nio.channels..",
                                      "java.nio.file..",
                                      "java.time..",
                                      "java.util.concurrent..")))));

  @ArchTest
  static final ArchRule RAFT_HOLDS_NO_THREAD_AND_READS_NO_CLOCK =
      noClasses()
          .that()
          .resideInAPackage("dev.kelvin.raft..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Thread.class)
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule STORE_IS_DETERMINISTIC =
      noClasses()
          .that()
          .resideInAPackage("dev.kelvin.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.time..", "java.net..")
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(
              java.util.Random.class,
              java.util.SplittableRandom.class,
              java.util.UUID.class,
              java.util.concurrent.ThreadLocalRandom.class,
              java.security.SecureRandom.class)
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule PROTOBUF_STAYS_OUT_OF_RAFT_LOG_AND_REPLICA =
      noClasses()
          .that()
          .resideInAnyPackage("dev.kelvin.raft..", "dev.kelvin.log..", "dev.kelvin.replica..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.google.protobuf..");

  @ArchTest
  static final ArchRule GRPC_STAYS_AT_THE_EDGE =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.kelvin.api.etcd..",
              "dev.kelvin.app..",
              "dev.kelvin.peer..",
              "dev.kelvin.member..",
              "dev.kelvin.checker..",
              "dev.kelvin.proto..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.grpc..");
}
