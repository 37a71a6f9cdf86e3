package dev.kelvin.operator.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.operator.FakeApiServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeldLeaseTest {
  private static final String PATH = "/apis/coordination.k8s.io/v1/namespaces/system/leases/one";

  private FakeApiServer api;
  private HeldLease lease;

  @BeforeEach
  void start() throws IOException {
    api = new FakeApiServer();
    lease = new HeldLease(api.client(), "system", "one", "me");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void holds(String holder) {
    api.put(
        PATH,
        """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: one, namespace: system, resourceVersion: "7"}
        spec: {holderIdentity: %s, leaseDurationSeconds: 15, leaseTransitions: 3}
        """
            .formatted(holder));
  }

  @Test
  void oneThatIsToldToEndGivesItUpAsItReadIt() {
    holds("me");
    lease.ending();
    lease.lost();
    assertEquals(1, api.writes.size());
    var asked = api.writes.getFirst();
    assertEquals("PUT " + PATH, asked.toString());
    assertEquals("", asked.body().at("/spec/holderIdentity").asText("none"));
    assertEquals("7", asked.body().at("/metadata/resourceVersion").asText());
    assertEquals(3, asked.body().at("/spec/leaseTransitions").asInt());
  }

  @Test
  void oneThatLostItOtherwiseLeavesItToRunOut() {
    holds("me");
    lease.lost();
    assertEquals(List.of(), api.writes);
  }

  @Test
  void anothersIsLeftAlone() {
    lease.ending();
    lease.lost();
    holds("another");
    lease.lost();
    assertEquals(List.of(), api.writes);
  }

  @Test
  void whatTheApiServerRefusesIsLeftToRunOut() {
    holds("me");
    api.refuse("PUT " + PATH, 409);
    lease.ending();
    lease.lost();
    assertEquals(1, api.writes.size());
  }
}
