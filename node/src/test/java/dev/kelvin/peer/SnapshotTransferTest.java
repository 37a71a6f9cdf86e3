package dev.kelvin.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.peer.CuttingProxy.Fate;
import dev.kelvin.peer.SnapshotStream.RefusedException;
import dev.kelvin.proto.peer.Hello;
import dev.kelvin.proto.peer.PeerGrpc;
import dev.kelvin.proto.peer.SnapshotAnswer;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.SnapshotMeta;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot on its way from one process's end to another's, over connections that break. */
class SnapshotTransferTest {
  private static final long TERM = 7;
  private static final long FAST = 1L << 40;
  private static final int WINDOW = 64 << 10;
  private static final int BYTES = (300 << 10) + 1 + (1 << 20) + 5;
  private static final SnapshotMeta META =
      new SnapshotMeta(100, 6, Membership.of(List.of(1L, 2L), List.of()));

  private static final SnapshotSender.Limits LIMITS =
      new SnapshotSender.Limits(FAST, 4, 5, 50, 2_000, 30_000);

  @TempDir Path dir;
  private Path source;
  private Path target;
  private ScheduledExecutorService disk;
  private Server server;
  private CuttingProxy proxy;
  private volatile long term = TERM;
  private volatile Runnable onArrival = () -> {};
  private final List<Path> arrived = new CopyOnWriteArrayList<>();

  @BeforeEach
  void makeFiles() throws IOException {
    source = Files.createDirectory(dir.resolve("source"));
    target = Files.createDirectory(dir.resolve("target"));
    var random = new Random(1);
    int[] sizes = {0, 300 << 10, 1, 1 << 20, 5};
    for (int i = 0; i < sizes.length; i++) {
      var bytes = new byte[sizes[i]];
      random.nextBytes(bytes);
      Files.write(source.resolve("file-" + i), bytes);
    }
    disk = Executors.newSingleThreadScheduledExecutor();
  }

  @AfterEach
  void stop() throws Exception {
    if (proxy != null) {
      proxy.close();
    }
    if (server != null) {
      server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
    disk.shutdownNow();
  }

  private void serve(Duration keep, SnapshotInbox.Place place, Fate... fates) throws IOException {
    var receiver =
        new Transport.Receiver() {
          @Override
          public long term() {
            return term;
          }

          @Override
          public void receive(PeerMessage message) {
            throw new AssertionError("no messages here");
          }

          @Override
          public void receiveSnapshot(InstallSnapshot message, String path) {
            assertEquals(META, message.snapshot());
            arrived.add(Path.of(path));
            onArrival.run();
          }

          @Override
          public void met(long member, String peerUrl) {}

          @Override
          public void unreachable(long member) {
            throw new AssertionError("no messages here");
          }
        };
    var inbox =
        new SnapshotInbox(
            hello ->
                new Greeting(
                    new PeerIdentity(1, hello.getFrom(), hello.getIncarnation()),
                    hello.getTo(),
                    MessageCodec.MAX_VERSION,
                    null),
            () -> receiver,
            place,
            disk,
            keep);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .flowControlWindow(WINDOW)
            .addService(
                new PeerGrpc.PeerImplBase() {
                  @Override
                  public StreamObserver<SnapshotPart> sendSnapshot(
                      StreamObserver<SnapshotAnswer> answer) {
                    return inbox.open(answer);
                  }
                })
            .build()
            .start();
    proxy = new CuttingProxy(server.getPort(), List.of(fates));
  }

  private void serve(Fate... fates) throws IOException {
    serve(Duration.ofSeconds(30), new Folder(), fates);
  }

  /** Directories under the target, as a store's. */
  private class Folder implements SnapshotInbox.Place {
    private final AtomicInteger last = new AtomicInteger();

    @Override
    public String fresh() {
      return target.resolve(Integer.toString(last.incrementAndGet())).toString();
    }

    @Override
    public void discard(String path) {
      try (var files = Files.walk(Path.of(path))) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private SnapshotSender sender(SnapshotSender.Limits limits) {
    return new SnapshotSender(
        () ->
            NettyChannelBuilder.forAddress("127.0.0.1", proxy.port())
                .usePlaintext()
                .directExecutor()
                .build(),
        Hello.newBuilder().setClusterId(1).setFrom(1).setTo(2).setIncarnation(11).build(),
        new InstallSnapshot(1, 2, TERM, META),
        source,
        limits,
        new PeerMeter());
  }

  private void send() throws Exception {
    sender(LIMITS).send();
  }

  private void assertArrivedOnce() throws IOException {
    assertEquals(1, arrived.size());
    assertEquals(List.of(arrived.getFirst()), children(target));
    for (var file : children(source)) {
      assertArrayEquals(
          Files.readAllBytes(file),
          Files.readAllBytes(arrived.getFirst().resolve(file.getFileName())));
    }
    assertEquals(children(source).size(), children(arrived.getFirst()).size());
  }

  private static List<Path> children(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private void awaitEmpty(Path directory) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!children(directory).isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "still there: " + children(directory));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void itArrivesAsItWas() throws Exception {
    serve();
    send();
    assertArrivedOnce();
    assertEquals(1, proxy.carried().size());
  }

  /** Before the head, in it, between files, in a file, at the very end. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        10,
        40,
        150,
        400,
        1_000,
        100_000,
        307_000,
        308_000,
        400_000,
        700_000,
        1_000_000,
        BYTES - 10_000,
        BYTES,
        BYTES + 400
      })
  void aCutAnywhereIsMendedByWhatIsMissing(int cut) throws Exception {
    serve(new Fate.Cut(cut));
    // Slowly: what is on its way when a connection breaks is lost, up to the size of the buffers.
    sender(new SnapshotSender.Limits(8 << 20, 4, 5, 50, 2_000, 30_000)).send();
    assertArrivedOnce();
    assertEquals(2, proxy.carried().size(), "connections");
    // A chunk of which only a part got through goes again, and what the receiver had not yet read.
    long again = proxy.carried().get(1) + cut - BYTES;
    assertTrue(again < (256 << 10) + WINDOW + 20_000, again + " bytes more than needed");
  }

  @Test
  void itArrivesThoughEveryConnectionBreaks() throws Exception {
    var cuts = new ArrayList<Fate>();
    for (int i = 0; i < 30; i++) {
      cuts.add(new Fate.Cut(290_000));
    }
    serve(cuts.toArray(Fate[]::new));
    send();
    assertArrivedOnce();
    assertTrue(proxy.carried().size() > 4, "connections: " + proxy.carried());
  }

  @Test
  void itIsGivenUpWhenNothingIsBroughtForward() throws Exception {
    var cuts = new ArrayList<Fate>();
    for (int i = 0; i < 30; i++) {
      cuts.add(new Fate.Cut(5_000));
    }
    serve(Duration.ofMillis(300), new Folder(), cuts.toArray(Fate[]::new));
    assertThrows(IOException.class, this::send);
    assertTrue(proxy.carried().size() <= 5, "connections: " + proxy.carried());
    awaitEmpty(target);
    assertEquals(List.of(), arrived);
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 290_000, 330_000, 900_000, 1_300_000})
  void aByteThatChangedOnTheWayIsNoticedAndSentAgain(int at) throws Exception {
    serve(new Fate.Flipped(at));
    send();
    assertArrivedOnce();
    assertEquals(2, proxy.carried().size(), "connections");
  }

  @Test
  void aLostConfirmationInstallsNothingTwice() throws Exception {
    serve();
    onArrival = () -> proxy.cut();
    send();
    assertArrivedOnce();
    assertEquals(2, proxy.carried().size(), "connections");
    assertTrue(proxy.carried().get(1) < 10_000, "sent again: " + proxy.carried());
  }

  @Test
  void aConnectionThatFallsSilentIsReplaced() throws Exception {
    serve(new Fate.Silent(200_000));
    sender(new SnapshotSender.Limits(FAST, 4, 5, 50, 500, 30_000)).send();
    assertArrivedOnce();
  }

  @Test
  void aSenderThatGetsNoAnswerGivesUpInBoundedTime() throws Exception {
    serve(new Fate.Silent(0), new Fate.Silent(0), new Fate.Silent(0), new Fate.Silent(0));
    long begin = System.nanoTime();
    assertThrows(
        IOException.class,
        () -> sender(new SnapshotSender.Limits(FAST, 3, 5, 50, 200, 30_000)).send());
    assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void itIsGivenUpWhenTheWholeTakesTooLong() throws Exception {
    serve();
    var slow = new SnapshotSender.Limits(100_000_000, 4, 5, 50, 2_000, -20);
    assertThrows(RefusedException.class, () -> sender(slow).send());
  }

  @Test
  void anotherSnapshotReplacesWhatIsKept() throws Exception {
    serve(new Fate.Cut(400_000));
    var once = new SnapshotSender.Limits(FAST, 1, 5, 50, 2_000, 30_000);
    assertThrows(IOException.class, () -> sender(once).send());
    assertEquals(1, children(target).size());
    send();
    assertArrivedOnce();
    assertTrue(proxy.carried().get(1) > BYTES, "the rest of the first: " + proxy.carried());
  }

  @Test
  void whatIsKeptGoesWhenTheTermIsOver() throws Exception {
    serve(new Fate.Cut(400_000));
    var once = new SnapshotSender.Limits(FAST, 1, 5, 50, 2_000, 30_000);
    assertThrows(IOException.class, () -> sender(once).send());
    assertEquals(1, children(target).size());
    term = TERM + 1;
    awaitEmpty(target);
    var refused = assertThrows(RefusedException.class, this::send);
    assertEquals("term 7 is over", refused.getMessage());
    assertEquals(List.of(), arrived);
  }

  @Test
  void whatIsKeptGoesAfterAWhile() throws Exception {
    serve(Duration.ofMillis(300), new Folder(), new Fate.Cut(400_000));
    var once = new SnapshotSender.Limits(FAST, 1, 5, 50, 2_000, 30_000);
    assertThrows(IOException.class, () -> sender(once).send());
    awaitEmpty(target);
    send();
    assertArrivedOnce();
  }

  @Test
  void aDiskWithoutRoomRefusesAtOnce() throws Exception {
    serve();
    try (var large = new RandomAccessFile(source.resolve("large").toFile(), "rw")) {
      large.setLength(8L << 40);
    }
    var refused = assertThrows(RefusedException.class, this::send);
    assertTrue(
        refused
            .getMessage()
            .startsWith("this node cannot store the snapshot: the snapshot takes 8388609 MiB and"),
        refused.getMessage());
    assertEquals(1, proxy.carried().size(), "connections");
    assertEquals(List.of(), children(target));
  }

  @Test
  void aDiskThatFailsWhileWritingRefusesAndKeepsNothing() throws Exception {
    serve(
        Duration.ofSeconds(30),
        new Folder() {
          @Override
          public String fresh() {
            var path = super.fresh();
            try {
              // A file of the snapshot is in the way.
              Files.createDirectories(Path.of(path, "file-3"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return path;
          }
        });
    var refused = assertThrows(RefusedException.class, this::send);
    assertTrue(
        refused.getMessage().startsWith("this node cannot store the snapshot: "),
        refused.getMessage());
    assertEquals(List.of(), children(target));
    assertFalse(disk.isShutdown());
  }

  @Test
  void itKeepsToItsRate() throws Exception {
    serve();
    long begin = System.nanoTime();
    sender(new SnapshotSender.Limits(2 << 20, 4, 5, 50, 2_000, 30_000)).send();
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    assertArrivedOnce();
    // All but the last chunk are waited for: 1.04 MiB at 2 MiB/s, less a burst of 100 ms.
    assertTrue(millis > 400, millis + " ms");
  }

  @Test
  void aPaceSavesUpNoMoreThanATenthOfASecond() {
    var pace = new Pace(1000, 0);
    long second = TimeUnit.SECONDS.toNanos(1);
    assertEquals(0, pace.take(500, 0));
    assertEquals(second / 2, pace.take(500, 0));
    assertEquals(0, pace.take(100, 10 * second));
    assertEquals(0, pace.take(100, 10 * second));
    assertEquals(second / 10, pace.take(100, 10 * second));
  }
}
