package dev.kelvin.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.kelvin.proto.peer.FileChunk;
import dev.kelvin.proto.peer.FileEnd;
import dev.kelvin.proto.peer.PeerGrpc;
import dev.kelvin.proto.peer.SnapshotHead;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.proto.peer.SnapshotReceived;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/** Streams one snapshot's files to one member, at the pace the member takes them. Blocks. */
final class SnapshotSender implements ClientResponseObserver<SnapshotPart, SnapshotReceived> {
  private static final int CHUNK_BYTES = 256 << 10;

  /** Without any progress for so long the transfer has failed. */
  private static final long STALL_SECONDS = 30;

  private final Semaphore ready = new Semaphore(0);
  private final CompletableFuture<Void> received = new CompletableFuture<>();
  private ClientCallStreamObserver<SnapshotPart> out;

  /**
   * @throws IOException when the member did not confirm that it has all of it
   */
  void send(ManagedChannel channel, SnapshotHead head, Path directory)
      throws IOException, InterruptedException {
    PeerGrpc.newStub(channel).sendSnapshot(this);
    try {
      put(SnapshotPart.newBuilder().setHead(head).build());
      int files = 0;
      try (var names = Files.newDirectoryStream(directory)) {
        for (var file : names) {
          sendFile(file);
          files++;
        }
      }
      put(SnapshotPart.newBuilder().setFiles(files).build());
      out.onCompleted();
      received.get(STALL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no confirmation within " + STALL_SECONDS + " s", e);
    } finally {
      if (!received.isDone()) {
        out.cancel("transfer given up", null);
      }
    }
  }

  private void sendFile(Path file) throws IOException, InterruptedException {
    var name = file.getFileName().toString();
    var crc = new CRC32C();
    long size = 0;
    try (var in = Files.newInputStream(file)) {
      while (true) {
        var bytes = in.readNBytes(CHUNK_BYTES);
        if (bytes.length == 0) {
          break;
        }
        crc.update(bytes);
        size += bytes.length;
        ByteString data = UnsafeByteOperations.unsafeWrap(bytes);
        put(
            SnapshotPart.newBuilder()
                .setChunk(FileChunk.newBuilder().setName(name).setData(data))
                .build());
      }
    }
    put(
        SnapshotPart.newBuilder()
            .setFileEnd(
                FileEnd.newBuilder().setName(name).setSize(size).setCrc32C((int) crc.getValue()))
            .build());
  }

  private void put(SnapshotPart part) throws IOException, InterruptedException {
    while (!out.isReady()) {
      if (received.isDone()) {
        throw new IOException("the member ended the transfer");
      }
      if (!ready.tryAcquire(STALL_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the member took nothing for " + STALL_SECONDS + " s");
      }
    }
    out.onNext(part);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SnapshotPart> stream) {
    out = stream;
    stream.setOnReadyHandler(ready::release);
  }

  @Override
  public void onNext(SnapshotReceived value) {
    received.complete(null);
  }

  @Override
  public void onError(Throwable error) {
    received.completeExceptionally(error);
    ready.release();
  }

  @Override
  public void onCompleted() {
    received.completeExceptionally(new IOException("the member did not confirm"));
    ready.release();
  }
}
