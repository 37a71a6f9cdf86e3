package dev.kelvin.member;

import dev.kelvin.log.CorruptLogException;
import dev.kelvin.store.StoreException;
import dev.kelvin.store.UnknownFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;

/**
 * What keeps a node from starting on data that are not whole, not its own, or not understood: each
 * with words that name the file and say what to do.
 */
final class DataCheck {
  /** Says whose directory a part is; it travels with the part when that is copied. */
  static final String OWNER = "owner";

  static final String REMEDY =
      "restore this member: stop it, move its data directory away, remove the member from the"
          + " cluster and join it again";

  private DataCheck() {}

  /** Marks a part of a directory as that of an incarnation; its directory is synced by others. */
  static void own(Path part, long incarnation) throws IOException {
    Files.writeString(
        part.resolve(OWNER),
        "%016x%n".formatted(incarnation),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.SYNC);
  }

  /**
   * Looks at what is there for a member before anything is opened, and so created.
   *
   * @throws StartException when a part is missing or belongs to another
   */
  static void parts(DataDirectory directory, Identity identity) {
    if (isEmpty(directory.raft())) {
      throw new StartException(
          "%s is missing or empty, but %s names member %016x: the log is lost, and with it what this member has promised; put it back, or %s"
              .formatted(directory.raft(), directory.identityFile(), identity.memberId(), REMEDY));
    }
    owner(directory.raft(), identity);
    owner(directory.store(), identity);
  }

  private static boolean isEmpty(Path part) {
    if (!Files.isDirectory(part)) {
      return true;
    }
    try (var files = Files.list(part)) {
      return files.noneMatch(f -> f.getFileName().toString().endsWith(".seg"));
    } catch (IOException e) {
      throw new StartException("cannot read %s: %s".formatted(part, e), e);
    }
  }

  private static void owner(Path part, Identity identity) {
    String owner;
    try {
      owner = Files.readString(part.resolve(OWNER)).strip();
    } catch (NoSuchFileException e) {
      // Not marked by the version that made it: nothing to compare.
      return;
    } catch (IOException e) {
      throw new StartException("cannot read %s: %s".formatted(part.resolve(OWNER), e), e);
    }
    if (!owner.equals("%016x".formatted(identity.incarnation()))) {
      throw new StartException(
          "%s belongs to another data directory (incarnation %s, this one is %016x): a member must never run on another's log or store; put this member's own back, or %s"
              .formatted(part, owner, identity.incarnation(), REMEDY));
    }
  }

  /**
   * @throws StartException when the store is that of another cluster
   */
  static void cluster(Path store, long found, Identity identity) {
    if (found != 0 && found != identity.clusterId()) {
      throw new StartException(
          "%s holds the data of cluster %016x, but this member belongs to cluster %016x; put this member's own back, or %s"
              .formatted(store, found, identity.clusterId(), REMEDY));
    }
  }

  /** Opens a part; what cannot be opened is refused with its name. */
  static <T> T open(Path part, Supplier<T> opening) {
    try {
      return opening.get();
    } catch (StoreException e) {
      throw refusal(part, e.getMessage() + "; " + REMEDY, e);
    } catch (CorruptLogException | UnknownFormatException | IllegalStateException e) {
      throw refusal(part, e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw refusal(part, e.getCause().toString(), e);
    }
  }

  private static StartException refusal(Path part, String why, RuntimeException e) {
    return new StartException("cannot open %s: %s".formatted(part, why), e);
  }
}
