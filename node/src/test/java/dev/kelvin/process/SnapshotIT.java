package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.checker.client.NoAnswer;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that was away for longer than the others keep their log. {@code -Dkelvin.snapshot.mib}
 * says how much is written meanwhile, {@code -Dkelvin.snapshot.installs} how many snapshots a
 * running node is made to install.
 */
class SnapshotIT {
  private static final int MIB = Integer.getInteger("kelvin.snapshot.mib", 24);
  private static final int INSTALLS = Integer.getInteger("kelvin.snapshot.installs", 3);
  private static final int KILLS = 3;

  /** Sent within three seconds, so that kills come in the midst of it. */
  private static final String[] SMALL_LOG = {
    "--log-segment-size",
    "1MiB",
    "--log-retention-size",
    "4MiB",
    "--snapshot-rate",
    Math.max(1, MIB / 3) + "MiB"
  };

  @TempDir Path dir;

  @Test
  void aNodeTooFarBehindCatchesUpThoughKilledWhileItsSnapshotComesIn() throws Exception {
    var random = new Random();
    try (var cluster = LocalCluster.start(dir, SMALL_LOG)) {
      var late = cluster.nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
      late.kill();
      var others = cluster.nodes.stream().filter(node -> node != late).toList();
      Bulk.write(others, MIB, Integer.MAX_VALUE);
      try (var writers = new Writers(others, 4)) {
        for (int i = 0; i < KILLS; i++) {
          long opened = opened(late);
          late.start(SMALL_LOG);
          // Only then what an earlier kill had left is gone, and a second database a new one.
          late.await("its data are open", Duration.ofSeconds(30), () -> opened(late) > opened);
          late.await("a snapshot comes in", Duration.ofSeconds(30), () -> databases(late) > 1);
          // At a random moment, which no test can wait for.
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1500)));
          late.kill();
        }
        late.start(SMALL_LOG).awaitReady();
        late.await("the snapshot", Duration.ofSeconds(60 + MIB / 5), () -> installs(late) > 0);
        writers.stop();
        assertEquals(0, writers.failedRequests.get(), "requests that failed for 5 s");
        assertTrue(late.output().contains("what an interrupted snapshot had left"), late.output());
        assertEquals(List.of(), writers.missing(late), "missing on " + late.name);
      }
      cluster.awaitEqualHashes();
      late.await("one database only", Duration.ofSeconds(10), () -> databases(late) == 1);
      var leader = cluster.leader();
      leader.await("no checkpoint left", Duration.ofSeconds(10), () -> databases(leader) == 1);
    }
  }

  /** In a node's store: the live one, checkpoints, snapshots that come in. */
  private static long databases(NodeProcess node) {
    try (var files = Files.list(node.storeDirectory())) {
      return files.filter(Files::isDirectory).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aRunningNodeInstallsSnapshotsUnderReads() throws Exception {
    String[] options = {"--log-segment-size", "1MiB", "--log-retention-size", "4MiB"};
    try (var cluster = LocalCluster.start(dir, options);
        var threads = Executors.newFixedThreadPool(4)) {
      var lagging = cluster.nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
      var others = cluster.nodes.stream().filter(node -> node != lagging).toList();
      var stop = new AtomicBoolean();
      var reads = new AtomicLong();
      var readers = new ArrayList<Future<Void>>();
      var all =
          RangeRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("bulk"))
              .setRangeEnd(ByteString.copyFromUtf8("bulk~"))
              .setSerializable(true)
              .build();
      var one = Kv.range("bulk-00000003");
      readers.add(threads.submit(until(stop, reads, () -> lagging.kv().range(all))));
      readers.add(
          threads.submit(
              until(
                  stop,
                  reads,
                  () -> lagging.kv().range(all.toBuilder().setKeysOnly(true).build()))));
      readers.add(threads.submit(until(stop, reads, () -> lagging.kv().range(one))));
      readers.add(
          threads.submit(
              until(
                  stop,
                  reads,
                  () -> lagging.maintenance().hashKV(HashKVRequest.getDefaultInstance()))));
      try {
        for (int i = 0; installs(lagging) < INSTALLS; i++) {
          assertTrue(i < 3 * INSTALLS, installs(lagging) + " installs in " + i + " rounds");
          fallBehind(lagging, others);
          assertTrue(lagging.alive(), lagging.output());
        }
      } finally {
        stop.set(true);
      }
      for (var reader : readers) {
        reader.get();
      }
      assertTrue(reads.get() > 0);
      cluster.awaitEqualHashes();
    }
  }

  /**
   * Stops a node until the others have cut their log past it, as a rule: one that was just sent a
   * snapshot finds the log kept for it.
   */
  private static void fallBehind(NodeProcess lagging, List<NodeProcess> others) throws Exception {
    long before = installs(lagging);
    lagging.pause();
    // More than is on its way to a member at most: the rest it misses.
    Bulk.write(others, 20, 64);
    long revision = others.getFirst().status().getHeader().getRevision();
    others.getFirst().kv().compact(CompactionRequest.newBuilder().setRevision(revision).build());
    lagging.resume();
    lagging.await(
        "it has caught up",
        Duration.ofSeconds(60),
        () -> installs(lagging) > before || revision(lagging) >= revision);
  }

  private static long revision(NodeProcess node) {
    try {
      return node.status().getHeader().getRevision();
    } catch (StatusRuntimeException e) {
      return 0;
    }
  }

  private static long installs(NodeProcess node) {
    return said(node, "took over a snapshot");
  }

  private static long opened(NodeProcess node) {
    return said(node, "log holds entries");
  }

  private static long said(NodeProcess node, String message) {
    return node.output().lines().filter(line -> line.contains(message)).count();
  }

  private static Callable<Void> until(AtomicBoolean stop, AtomicLong reads, Runnable read) {
    return () -> {
      while (!stop.get()) {
        try {
          read.run();
          reads.incrementAndGet();
        } catch (StatusRuntimeException e) {
          // A node that is stopped answers late; one that lags may not know a leader.
          if (!NoAnswer.is(e)) {
            throw e;
          }
        }
      }
      return null;
    };
  }
}
