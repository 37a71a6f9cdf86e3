package dev.kelvin.peer;

import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.peer.PeerMessage.Consensus;
import dev.kelvin.peer.SnapshotStream.RefusedException;
import dev.kelvin.proto.peer.FileChunk;
import dev.kelvin.proto.peer.FileEnd;
import dev.kelvin.proto.peer.Hello;
import dev.kelvin.proto.peer.SnapshotEnd;
import dev.kelvin.proto.peer.SnapshotHead;
import dev.kelvin.proto.peer.SnapshotHeld;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.raft.Message.InstallSnapshot;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jboss.logging.Logger;

/**
 * Sends one snapshot's files to one member, at a bounded rate and no faster than the member takes
 * them. After a broken stream it goes on with what the member does not hold yet. Blocks.
 */
final class SnapshotSender {
  private static final Logger LOG = Logger.getLogger("kelvin.peer");
  private static final int CHUNK_BYTES = 256 << 10;

  /**
   * When to give up.
   *
   * @param bytesPerSecond of file contents
   * @param tries streams in a row that brought nothing forward
   * @param backoffMillis before the second try; doubled with each, up to {@code maxBackoffMillis}
   * @param patienceMillis for an answer, or for the member to take the next chunk
   * @param graceMillis for the whole, besides twice the time that the rate asks for
   */
  record Limits(
      long bytesPerSecond,
      int tries,
      long backoffMillis,
      long maxBackoffMillis,
      long patienceMillis,
      long graceMillis) {
    /** For production: a member that comes back within half a minute is sent the rest. */
    static Limits of(long bytesPerSecond) {
      return new Limits(bytesPerSecond, 12, 100, 5_000, 20_000, 60_000);
    }
  }

  private final Supplier<ManagedChannel> connect;
  private final Hello hello;
  private final InstallSnapshot message;
  private final Path directory;
  private final Limits limits;
  private final PeerMeter meter;
  private final long id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);

  /** Checksums of the first files, as far as they were read to their end. */
  private final List<Integer> crcs = new ArrayList<>();

  private SnapshotManifest manifest;
  private Pace pace;
  private long deadline;
  private long mostHeld = -1;
  private boolean progress;

  /**
   * @param connect makes a connection, which is closed with the stream
   */
  SnapshotSender(
      Supplier<ManagedChannel> connect,
      Hello hello,
      InstallSnapshot message,
      Path directory,
      Limits limits,
      PeerMeter meter) {
    this.meter = meter;
    this.connect = connect;
    this.hello = hello;
    this.message = message;
    this.directory = directory;
    this.limits = limits;
  }

  /**
   * @throws IOException when the member did not confirm, within bounds, that it has all of it
   */
  void send() throws IOException, InterruptedException {
    manifest = SnapshotManifest.of(directory);
    long begin = System.nanoTime();
    pace = new Pace(limits.bytesPerSecond, begin);
    double seconds = 2.0 * manifest.bytes() / limits.bytesPerSecond;
    deadline =
        begin
            + TimeUnit.MILLISECONDS.toNanos(limits.graceMillis)
            + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    int futile = 0;
    while (true) {
      IOException failure;
      try {
        progress = false;
        stream();
        return;
      } catch (RefusedException e) {
        throw e;
      } catch (IOException e) {
        failure = e;
      }
      futile = progress ? 1 : futile + 1;
      long backoff =
          Math.min(limits.maxBackoffMillis, limits.backoffMillis << Math.min(futile - 1, 20));
      backoff = backoff / 2 + ThreadLocalRandom.current().nextLong(backoff / 2 + 1);
      if (futile >= limits.tries
          || System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoff) > deadline) {
        throw new IOException("given up, at last because " + failure.getMessage(), failure);
      }
      LOG.infof("snapshot to %016x broken off: %s", message.to(), failure.getMessage());
      Thread.sleep(backoff);
    }
  }

  private void stream() throws IOException, InterruptedException {
    var channel = connect.get();
    try {
      var stream =
          SnapshotStream.open(channel, TimeUnit.MILLISECONDS.toNanos(limits.patienceMillis));
      stream.put(SnapshotPart.newBuilder().setHead(head()).build());
      var first = stream.answer();
      if (first.hasReceived()) {
        return;
      }
      sendRest(stream, first.getHeld());
      if (!stream.answer().hasReceived()) {
        throw new RefusedException("the member answers what was not asked", null);
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private SnapshotHead head() {
    return SnapshotHead.newBuilder()
        .setHello(hello)
        .setMessage(
            UnsafeByteOperations.unsafeWrap(MessageCodec.encode(List.of(new Consensus(message)))))
        .setId(id)
        .addAllFiles(manifest.files())
        .build();
  }

  private void sendRest(SnapshotStream stream, SnapshotHeld held)
      throws IOException, InterruptedException {
    int count = manifest.files().size();
    if (held.getFiles() < 0 || held.getFiles() > count || held.getBytes() < 0) {
      throw new RefusedException("the member holds more files than there are", null);
    }
    long holds = held.getBytes();
    for (int i = 0; i < held.getFiles(); i++) {
      holds += manifest.files().get(i).getSize();
      if (i == crcs.size()) {
        sendFile(null, i, manifest.files().get(i).getSize(), null);
      }
    }
    progress = holds > mostHeld;
    mostHeld = Math.max(mostHeld, holds);
    if (holds > 0) {
      LOG.infof(
          "snapshot to %016x goes on at %d of %d MiB",
          message.to(), holds >> 20, manifest.bytes() >> 20);
    }
    for (int i = held.getFiles(); i < count; i++) {
      boolean first = i == held.getFiles();
      sendFile(stream, i, first ? held.getBytes() : 0, first ? held.getCrc32C() : null);
    }
    var end = SnapshotEnd.newBuilder().setCrc32C(manifest.crc(crcs));
    stream.put(SnapshotPart.newBuilder().setEnd(end).build());
  }

  /**
   * @param stream null to read the file only
   * @param from bytes the member holds
   * @param heldCrc their checksum; if another, the file is sent from its beginning
   */
  private void sendFile(SnapshotStream stream, int number, long from, Integer heldCrc)
      throws IOException, InterruptedException {
    var file = directory.resolve(manifest.files().get(number).getName());
    var crc = new CRC32C();
    long at = 0;
    try (var in = Files.newInputStream(file)) {
      while (at < from) {
        at += read(in, (int) Math.min(CHUNK_BYTES, from - at), crc).length;
      }
    }
    boolean asHeld = heldCrc == null || heldCrc == (int) crc.getValue();
    if (stream != null) {
      at = asHeld ? at : 0;
      crc = asHeld ? crc : new CRC32C();
      sendFrom(stream, number, file, at, crc);
    }
    if (number == crcs.size()) {
      crcs.add((int) crc.getValue());
    }
  }

  private void sendFrom(SnapshotStream stream, int number, Path file, long from, CRC32C crc)
      throws IOException, InterruptedException {
    long size = manifest.files().get(number).getSize();
    long at = from;
    try (var in = Files.newInputStream(file)) {
      in.skipNBytes(from);
      while (at < size) {
        var bytes = read(in, (int) Math.min(CHUNK_BYTES, size - at), crc);
        var chunkCrc = new CRC32C();
        chunkCrc.update(bytes);
        hold(bytes.length);
        var chunk =
            FileChunk.newBuilder()
                .setFile(number)
                .setOffset(at)
                .setData(UnsafeByteOperations.unsafeWrap(bytes))
                .setCrc32C((int) chunkCrc.getValue());
        stream.put(SnapshotPart.newBuilder().setChunk(chunk).build());
        meter.sent(bytes.length);
        at += bytes.length;
      }
    }
    var end = FileEnd.newBuilder().setFile(number).setCrc32C((int) crc.getValue());
    stream.put(SnapshotPart.newBuilder().setFileEnd(end).build());
  }

  private static byte[] read(InputStream in, int length, CRC32C crc) throws IOException {
    var bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new RefusedException("a file of the snapshot has become shorter", null);
    }
    crc.update(bytes);
    return bytes;
  }

  /** Keeps to the rate, and to the end of all patience. */
  private void hold(int bytes) throws IOException, InterruptedException {
    long now = System.nanoTime();
    if (now > deadline) {
      throw new RefusedException("it takes too long", null);
    }
    TimeUnit.NANOSECONDS.sleep(pace.take(bytes, now));
  }
}
