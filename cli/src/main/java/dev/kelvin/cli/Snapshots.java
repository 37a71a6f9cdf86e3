package dev.kelvin.cli;

import dev.kelvin.client.Exchange;
import dev.kelvin.client.Method;
import dev.kelvin.client.ServerException;
import dev.kelvin.proto.etcdserverpb.SnapshotRequest;
import dev.kelvin.proto.etcdserverpb.SnapshotResponse;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/**
 * {@code snapshot save}. The file gets its name when all of it is on disk: there is never half a
 * snapshot under it.
 */
final class Snapshots {
  private static final long SAY_EVERY = TimeUnit.MILLISECONDS.toNanos(200);

  private Snapshots() {}

  static int save(Given given, Session session) throws IOException {
    var file = Path.of(given.parameter(0)).toAbsolutePath();
    var part = file.resolveSibling(file.getFileName() + ".part");
    try {
      long size = 0;
      for (int failed = 0; size == 0; ) {
        try (var exchange =
            session.client().open(Method.SNAPSHOT, SnapshotRequest.getDefaultInstance(), true)) {
          size = receive(exchange, part, session);
        } catch (Lost e) {
          session.progress("");
          if (++failed > session.endpoints().size()) {
            throw new FailedException(Exit.FAILURE, e.getMessage());
          }
          session.say(e.getMessage() + ", beginning anew");
          session.client().moveOn();
        }
      }
      move(part, file);
      session.progress("");
      session.println(
          session.form(Session.Form.PLAIN) == Session.Form.JSON
              ? new Json().string("file", file.toString()).number("size", size).toString()
              : "Snapshot saved at " + given.parameter(0) + ", " + Bytes.size(size));
      return Exit.OK;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** The sender is lost, not the file. */
  private static final class Lost extends Exception {
    private static final long serialVersionUID = 1;

    Lost(String message, Exception cause) {
      super(message, cause);
    }
  }

  /** Returns the size, bytes. */
  private static long receive(
      Exchange<SnapshotRequest, SnapshotResponse> exchange, Path part, Session session)
      throws IOException, Lost {
    long size = 0;
    long said = System.nanoTime();
    create(part);
    try (var out = new FileOutputStream(part.toFile())) {
      while (true) {
        var response = next(exchange);
        if (response == null) {
          out.getFD().sync();
          if (size == 0) {
            throw new Lost(exchange.endpoint() + " sent nothing", null);
          }
          return size;
        }
        response.getBlob().writeTo(out);
        size += response.getBlob().size();
        if (System.nanoTime() - said > SAY_EVERY) {
          said = System.nanoTime();
          long all = size + response.getRemainingBytes();
          session.progress(
              Bytes.size(size) + " of " + Bytes.size(all) + ", " + 100 * size / all + " %");
        }
      }
    }
  }

  /** For its owner only, as etcdctl does: all the cluster's data will be in it. */
  private static void create(Path part) throws IOException {
    Files.deleteIfExists(part);
    if (part.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
  }

  private static SnapshotResponse next(Exchange<SnapshotRequest, SnapshotResponse> exchange)
      throws Lost {
    try {
      return exchange.next();
    } catch (IOException e) {
      throw new Lost(exchange.endpoint() + " " + e.getMessage(), e);
    } catch (ServerException e) {
      if (e.code() != ServerException.UNAVAILABLE) {
        throw e;
      }
      throw new Lost(exchange.endpoint() + " says \"" + e.getMessage() + "\"", e);
    }
  }

  private static void move(Path part, Path file) throws IOException {
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
