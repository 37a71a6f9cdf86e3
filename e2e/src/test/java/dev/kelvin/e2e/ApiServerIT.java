package dev.kelvin.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.Network;

/** A Kubernetes API server and its controllers, which keep their objects in three Kelvin nodes. */
class ApiServerIT {
  private static final Duration COMPACTION = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int CLIENTS = 8;
  private static final Pattern BOOKMARK =
      Pattern.compile("\"type\":\"BOOKMARK\".*\"resourceVersion\":\"(\\d+)\"");

  private static final Network NETWORK = Network.newNetwork();
  private static Members members;
  private static ControlPlane plane;
  private static KubernetesClient client;
  private static Shell shell;

  @BeforeAll
  static void apiServerOnKelvin() throws IOException {
    members = Members.ofKelvin(NETWORK);
    plane = new ControlPlane(NETWORK, members.urls(), COMPACTION);
    client = plane.kubernetes().client();
    shell = plane.kubernetes().shell();
  }

  @AfterAll
  static void stop() {
    if (plane != null) {
      plane.close();
    }
    if (members != null) {
      members.close();
    }
    NETWORK.close();
  }

  @Test
  void objectsArePagedThroughEachOnceAtOneRevision() {
    namespace("pages");
    var created = create(client, "pages", 300);
    var options = new ListOptionsBuilder().withLimit(37L);
    var seen = new ArrayList<String>();
    var revisions = new HashSet<String>();
    String next;
    do {
      var page = client.configMaps().inNamespace("pages").list(options.build());
      page.getItems().forEach(o -> seen.add(o.getMetadata().getName()));
      revisions.add(page.getMetadata().getResourceVersion());
      next = page.getMetadata().getContinue();
      options = new ListOptionsBuilder().withLimit(37L).withContinue(next);
      // Not in the list that is being paged through.
      client.resource(configMap("pages", "later-" + seen.size())).create();
    } while (next != null && !next.isEmpty());
    assertEquals(created, seen);
    assertEquals(1, revisions.size(), revisions::toString);

    client.configMaps().inNamespace("pages").delete();
    Await.until("all are deleted", PATIENCE, () -> names("pages"), Set::isEmpty);
  }

  @Test
  void aWatchTellsWhatThereIsAndThenEveryChangeOnceInOrder() {
    namespace("watched");
    var before = create(client, "watched", 20);
    try (var watching = new ObjectWatch(client, "watched")) {
      watching.awaitAllThereWas();
      assertEquals(before, watching.names(Watcher.Action.ADDED));
      before.forEach(
          name ->
              client
                  .configMaps()
                  .inNamespace("watched")
                  .withName(name)
                  .patch("{\"data\": {\"patched\": \"yes\"}}"));
      client.configMaps().inNamespace("watched").delete();
      watching.await(Watcher.Action.DELETED, 20);
      assertEquals(before, watching.names(Watcher.Action.MODIFIED));
      assertEquals(before, watching.names(Watcher.Action.DELETED));
    }
  }

  /** The API server makes them of what Kelvin says of its progress. */
  @Test
  void watchesOfWhatDoesNotChangeGetBookmarks() {
    namespace("quiet");
    namespace("busy");
    var made = create(client, "busy", 5).getLast();
    var latest = client.configMaps().inNamespace("busy").withName(made).get();
    var told =
        shell.run(
            "kubectl get --raw '/api/v1/namespaces/quiet/secrets?watch=1&allowWatchBookmarks=true&timeoutSeconds=5'");
    var bookmark = BOOKMARK.matcher(told);
    assertTrue(bookmark.find(), told);
    assertTrue(Long.parseLong(bookmark.group(1)) >= revision(latest), told);
  }

  @Test
  void ofConflictingUpdatesOneSucceedsAndNoneIsLost() {
    namespace("conflicts");
    client.resource(configMap("conflicts", "counter")).create();
    var conflicts = new AtomicInteger();
    Parallel.run(
        CLIENTS,
        CLIENTS * 25,
        i -> {
          while (true) {
            var counter = client.configMaps().inNamespace("conflicts").withName("counter").get();
            int value = Integer.parseInt(counter.getData().getOrDefault("value", "0"));
            counter.getData().put("value", Integer.toString(value + 1));
            try {
              client.resource(counter).update();
              return;
            } catch (KubernetesClientException e) {
              assertEquals(HttpURLConnection.HTTP_CONFLICT, e.getCode(), e::getMessage);
              conflicts.incrementAndGet();
            }
          }
        });
    var counter = client.configMaps().inNamespace("conflicts").withName("counter").get();
    assertEquals(Integer.toString(CLIENTS * 25), counter.getData().get("value"));
    assertTrue(conflicts.get() > 0, "no two updates met");
  }

  @Test
  void controllersDoTheirWorkAndANamespaceGoesWithAllThatIsInIt() {
    namespace("work");
    shell.run("kubectl -n work create deployment web --image=web:1 --replicas=3");
    Await.until(
        "its pods are made",
        PATIENCE,
        () -> client.pods().inNamespace("work").list().getItems().size(),
        pods -> pods == 3);
    shell.run("kubectl -n work scale deployment web --replicas=1");
    Await.until(
        "pods are removed",
        PATIENCE,
        () -> client.pods().inNamespace("work").list().getItems().size(),
        pods -> pods == 1);
    client.namespaces().withName("work").delete();
    Await.until(
        "the namespace is gone",
        PATIENCE,
        () -> client.namespaces().withName("work").get() == null,
        gone -> gone);
  }

  @Test
  void theApiServerCompactsWhatItNeedsNoMore() {
    Await.until(
        "the first revisions are compacted",
        COMPACTION.multipliedBy(6),
        () -> members.attempt(shell, "get --rev 2 /registry"),
        said -> said.output().contains("required revision has been compacted"));
  }

  @Test
  void theDeathOfKelvinsLeaderLosesNoObjectAndNoEvent() throws Exception {
    namespace("killed");
    var created = new AtomicInteger();
    var longest = new AtomicLong();
    try (var watching = new ObjectWatch(client, "killed")) {
      watching.awaitAllThereWas();
      var creating =
          CompletableFuture.runAsync(
              () ->
                  Parallel.run(
                      CLIENTS,
                      600,
                      i -> {
                        long since = System.nanoTime();
                        createStubbornly(configMap("killed", "object-" + i));
                        longest.accumulateAndGet(System.nanoTime() - since, Math::max);
                        created.incrementAndGet();
                      }));
      Await.until("some are created", PATIENCE, created::get, n -> n >= 150);
      var startAgain = members.killLeader(shell);
      Await.until("more are created", PATIENCE, created::get, n -> n >= 450);
      startAgain.run();
      creating.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      watching.await(Watcher.Action.ADDED, 600);
      assertEquals(new HashSet<>(watching.names(Watcher.Action.ADDED)), names("killed"));
    }
    System.out.printf(
        "600 objects created while Kelvin's leader was killed: one took %d ms at most%n",
        TimeUnit.NANOSECONDS.toMillis(longest.get()));
    members.awaitEqualHashes(shell);
  }

  @Test
  void objectsAreCreatedAboutAsFastAsOnEtcd() throws IOException {
    try (var etcd = Members.ofEtcd(NETWORK);
        var besideEtcd = new ControlPlane(NETWORK, etcd.urls(), COMPACTION)) {
      var onEtcd = besideEtcd.kubernetes().client();
      namespace("speed");
      onEtcd.resource(namespaceOf("speed")).create();
      create(client, "speed", 500);
      create(onEtcd, "speed", 500);
      var rates = new double[2];
      for (int round = 1; round <= 3; round++) {
        double kelvins = perSecond(client, round);
        double etcds = perSecond(onEtcd, round);
        System.out.printf(
            "round %d: %.0f objects created a second on Kelvin, %.0f on etcd%n",
            round, kelvins, etcds);
        rates[0] += kelvins / 3;
        rates[1] += etcds / 3;
      }
      System.out.printf("on Kelvin %.2f x as many as on etcd%n", rates[0] / rates[1]);
      // The API server itself takes most of the time, and whatever else the machine does.
      assertTrue(rates[0] > 0.5 * rates[1], "much slower than on etcd");
    }
  }

  private static double perSecond(KubernetesClient client, int round) {
    long since = System.nanoTime();
    int count = 500;
    Parallel.run(
        CLIENTS,
        count,
        i -> client.resource(configMap("speed", "r%d-%d".formatted(round, i))).create());
    return count / ((System.nanoTime() - since) / 1e9);
  }

  private static void namespace(String name) {
    client.resource(namespaceOf(name)).create();
  }

  private static Namespace namespaceOf(String name) {
    return new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
  }

  private static ConfigMap configMap(String namespace, String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .endMetadata()
        .addToData("text", "x".repeat(500))
        .build();
  }

  /** Creates many at once; their names, in order. */
  private static List<String> create(KubernetesClient client, String namespace, int count) {
    var objects =
        IntStream.range(0, count)
            .mapToObj(i -> configMap(namespace, "object-%04d".formatted(i)))
            .toList();
    Parallel.run(CLIENTS, count, i -> client.resource(objects.get(i)).create());
    return objects.stream().map(o -> o.getMetadata().getName()).toList();
  }

  /** Until it is there: whoever gets no answer asks again. */
  private static void createStubbornly(ConfigMap object) {
    Await.until(
        "created: " + object.getMetadata().getName(),
        PATIENCE,
        () -> {
          try {
            client.resource(object).create();
            return HttpURLConnection.HTTP_CREATED;
          } catch (KubernetesClientException e) {
            return e.getCode();
          }
        },
        code -> code == HttpURLConnection.HTTP_CREATED || code == HttpURLConnection.HTTP_CONFLICT);
  }

  private static Set<String> names(String namespace) {
    return client.configMaps().inNamespace(namespace).list().getItems().stream()
        .map(o -> o.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  private static long revision(ConfigMap object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }
}
