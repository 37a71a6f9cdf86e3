package dev.kelvin.operator.app;

import dev.kelvin.operator.act.Actor;
import dev.kelvin.operator.act.Objects;
import dev.kelvin.operator.care.CareClient;
import dev.kelvin.operator.observe.Observer;
import dev.kelvin.operator.report.Reporter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Puts the parts together. */
@ApplicationScoped
class Wiring {
  private static final Logger LOG = Logger.getLogger("dev.kelvin.operator");

  /** A node answers from memory; one that does not is taken for silent. */
  private static final Duration STATUS_DEADLINE = Duration.ofSeconds(2);

  /** A leader hands over and a majority agrees within this time, or it is asked again. */
  private static final Duration CHANGE_DEADLINE = Duration.ofSeconds(10);

  private static final String LEASE = "kelvin-operator";

  private final Settings settings;

  @ConfigProperty(name = "quarkus.application.version")
  String version;

  @ConfigProperty(name = "quarkus.operator-sdk.namespaces")
  Optional<List<String>> namespaces;

  @ConfigProperty(name = "POD_NAMESPACE")
  Optional<String> ownNamespace;

  @ConfigProperty(name = "HOSTNAME", defaultValue = "kelvin-operator")
  String hostname;

  Wiring(Settings settings) {
    this.settings = settings;
  }

  void starts(@Observes StartupEvent event) {
    LOG.infof(
        "Kelvin operator %s watches KvClusters in %s; node image %s; leader election %s",
        version,
        namespaces.map(n -> String.join(", ", n)).orElse("all namespaces"),
        settings.nodeImage(),
        settings.leaderElection() ? "on" : "off");
  }

  @Produces
  @Singleton
  CareClient care() {
    return new CareClient(STATUS_DEADLINE, CHANGE_DEADLINE);
  }

  void close(@Disposes CareClient care) {
    care.close();
  }

  @Produces
  @Singleton
  Rounds rounds(KubernetesClient client, CareClient care, MeterRegistry metrics) {
    var children = Settings.children(settings.nodeImage(), version);
    var reporter = new Reporter(client, hostname);
    var clock = Clock.systemUTC();
    return new Rounds(
        new Observer(client, care, clock),
        children,
        new Actor(new Objects(client, children), care, reporter),
        reporter,
        new Faults(
            settings.operatorFault().orElse(""),
            Path.of(System.getProperty("java.io.tmpdir"), "kelvin-operator-faults"),
            Faults::kill),
        metrics,
        clock);
  }

  @Produces
  @Singleton
  HeldLease lease(KubernetesClient client) {
    return new HeldLease(client, ownNamespace.orElse(""), LEASE, hostname);
  }

  /** Before the SDK hears of it, which then has no round run any more and gives up working. */
  void ends(@Observes @Priority(1) ShutdownEvent event, HeldLease lease) {
    lease.ending();
  }

  /**
   * Null, which is no bean's value but what the SDK takes for none, where nobody is to be elected.
   */
  @Produces
  @Dependent
  @Unremovable
  LeaderElectionConfiguration election(HeldLease lease) {
    if (!settings.leaderElection()) {
      return null;
    }
    var namespace =
        ownNamespace.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "KELVIN_LEADER_ELECTION needs POD_NAMESPACE, where the lease is to be"));
    return new LeaderElectionConfiguration(
        LEASE,
        namespace,
        LeaderElectionConfiguration.LEASE_DURATION_DEFAULT_VALUE,
        LeaderElectionConfiguration.RENEW_DEADLINE_DEFAULT_VALUE,
        LeaderElectionConfiguration.RETRY_PERIOD_DEFAULT_VALUE,
        hostname,
        new LeaderCallbacks(() -> {}, () -> stopWorking(lease), leader -> {}),
        false);
  }

  /**
   * The SDK's own way to end waits for the shutdown that it is part of. A halt is as good at any
   * time: every step may be the last, and the other replica decides anew.
   */
  private static void stopWorking(HeldLease lease) {
    lease.lost();
    Runtime.getRuntime().halt(1);
  }
}
