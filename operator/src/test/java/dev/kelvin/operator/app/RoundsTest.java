package dev.kelvin.operator.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.FakeApiServer;
import dev.kelvin.operator.FakeApiServer.Asked;
import dev.kelvin.operator.act.Actor;
import dev.kelvin.operator.act.Objects;
import dev.kelvin.operator.app.Rounds.Course;
import dev.kelvin.operator.care.CareClient;
import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.observe.Observer;
import dev.kelvin.operator.report.Reporter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final String CLUSTER = "/apis/kelvin.dev/v1alpha1/namespaces/shop/kvclusters/demo";
  private static final String EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events";

  private FakeApiServer api;
  private CareClient care;
  private Rounds rounds;
  private final Course course = new Course();

  @BeforeEach
  void start() throws IOException {
    api = new FakeApiServer();
    care = new CareClient(Duration.ofMillis(100), Duration.ofMillis(100));
    var children = new Children("kelvin", "1.2.3");
    var reporter = new Reporter(api.client(), "operator-0");
    var clock = Clock.fixed(NOON, ZoneOffset.UTC);
    rounds =
        new Rounds(
            new Observer(api.client(), care, clock),
            children,
            new Actor(new Objects(api.client(), children), care, reporter),
            reporter,
            new Faults("", Path.of("none"), p -> {}),
            new SimpleMeterRegistry(),
            clock);
  }

  @AfterEach
  void stop() {
    care.close();
    api.close();
  }

  private void cluster(String rest) {
    api.put(
        CLUSTER,
        """
        apiVersion: kelvin.dev/v1alpha1
        kind: KvCluster
        metadata: {name: demo, namespace: shop, uid: u-1, generation: 4, resourceVersion: "12"%s
        """
            .formatted(rest));
  }

  private List<Asked> writes(String prefix) {
    return api.writes.stream().filter(w -> w.toString().startsWith(prefix)).toList();
  }

  @Test
  void aNewClusterGetsItsChildrenThenItsStatusAndAnEvent() throws InterruptedException {
    cluster("}");
    var next = rounds.run("shop", "demo", course);
    assertTrue(next.orElseThrow().compareTo(Duration.ofSeconds(1)) < 0);
    assertEquals(1, writes("PATCH /apis/apps/v1/namespaces/shop/statefulsets/demo").size());
    var status = writes("PUT " + CLUSTER + "/status");
    assertEquals(1, status.size(), api.writes::toString);
    assertEquals(status.getFirst(), api.writes.getLast());
    assertEquals("12", status.getFirst().body().at("/metadata/resourceVersion").asText());
    assertEquals("Found", status.getFirst().body().at("/status/operation/kind").asText());
    var event = writes("POST " + EVENTS).getFirst().body();
    assertEquals("ChildrenApplied", event.at("/reason").asText());
    assertEquals("u-1", event.at("/regarding/uid").asText());
    assertEquals("2026-01-01T12:00:00.000000Z", event.at("/eventTime").asText());
  }

  @Test
  void aStepThatIsRepeatedIsOneEvent() throws InterruptedException {
    cluster("}");
    rounds.run("shop", "demo", course);
    rounds.run("shop", "demo", course);
    assertEquals(1, writes("POST " + EVENTS).size());
  }

  @Test
  void whoeverWroteMeanwhileIsNotOverwrittenAndTheNextRoundFollowsSoon()
      throws InterruptedException {
    cluster("}");
    api.refuse("PUT " + CLUSTER + "/status", 409);
    assertEquals(Optional.of(Duration.ofMillis(500)), rounds.run("shop", "demo", course));
    assertEquals(1, writes("PUT " + CLUSTER + "/status").size());
  }

  @Test
  void whatTheApiServerRefusesIsTriedMoreAndMoreSeldomAndToldOnce() throws InterruptedException {
    cluster("}");
    api.refuse("PATCH /apis/apps/v1/namespaces/shop/statefulsets/demo", 422);
    assertEquals(Optional.of(Duration.ofSeconds(1)), rounds.run("shop", "demo", course));
    assertEquals(Optional.of(Duration.ofSeconds(2)), rounds.run("shop", "demo", course));
    assertEquals(Optional.of(Duration.ofSeconds(4)), rounds.run("shop", "demo", course));
    assertEquals(1, writes("POST " + EVENTS).size());
    assertEquals("Warning", writes("POST " + EVENTS).getFirst().body().at("/type").asText());
    assertTrue(Rounds.pause(1000).compareTo(Duration.ofSeconds(30)) == 0);
  }

  @Test
  void aRecordThatCannotBeReadStopsEverything() throws InterruptedException {
    cluster("}\nstatus: {founding: {clusterId: what, incarnation: is this}}");
    rounds.run("shop", "demo", course);
    assertEquals(List.of("POST " + EVENTS), api.writes.stream().map(Asked::toString).toList());
    assertEquals("RecordUnreadable", api.writes.getFirst().body().at("/reason").asText());
  }

  @Test
  void aClusterThatIsGoneOrGoingIsLeftAlone() throws InterruptedException {
    assertEquals(Optional.empty(), rounds.run("shop", "demo", course));
    cluster(", deletionTimestamp: \"2026-01-01T11:00:00Z\"}");
    assertEquals(Optional.empty(), rounds.run("shop", "demo", course));
    assertEquals(List.of(), api.writes);
  }
}
