package dev.kelvin.member;

import dev.kelvin.log.DurableLog;
import dev.kelvin.log.LogConfig;
import dev.kelvin.log.ReadOnlyDisk;
import dev.kelvin.replica.RaftReplica;
import dev.kelvin.store.FileStoreDirectory;
import dev.kelvin.store.Position;
import dev.kelvin.store.StoreInspection;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Says what is in a data directory that no process uses, verifies its checksums, and foretells what
 * a start would do. Changes nothing.
 */
public final class Inspection {
  private final DataDirectory directory;
  private final PrintWriter out;
  private String refusal;

  private Inspection(DataDirectory directory, PrintWriter out) {
    this.directory = directory;
    this.out = out;
  }

  /**
   * Prints what is there.
   *
   * @return whether all is well: a start would not refuse
   * @throws StartException when the directory cannot be looked at: not there, or in use
   */
  public static boolean run(Path path, PrintWriter out) {
    try (var directory = DataDirectory.inspect(path)) {
      return new Inspection(directory, out).run();
    }
  }

  private boolean run() {
    out.println("data directory " + directory.path());
    Optional<Identity> identity;
    try {
      identity = directory.storedIdentity();
    } catch (StartException e) {
      note("identity", e.getMessage());
      foretell("");
      return false;
    }
    if (identity.isEmpty()) {
      out.println("identity       none: an empty disk");
      foretell("wait with a new incarnation, unless told to bootstrap or join");
      return true;
    }
    show(identity.get());
    if (!identity.get().isMember()) {
      foretell("wait to be bootstrapped or joined");
    } else if (identity.get().removed()) {
      foretell("wait as removed: the data are of no further use");
    } else {
      member(identity.get());
    }
    return refusal == null;
  }

  private void show(Identity identity) {
    out.println("identity       " + directory.identityFile());
    line(
        "state",
        !identity.isMember()
            ? "waiting"
            : identity.removed()
                ? "removed"
                : identity.recovering() != 0
                    ? "recovering as cluster %016x".formatted(identity.recovering())
                    : "member");
    line("incarnation", "%016x".formatted(identity.incarnation()));
    if (identity.isMember()) {
      line("cluster", "%016x".formatted(identity.clusterId()));
      line("member", "%016x".formatted(identity.memberId()));
    }
  }

  private void member(Identity identity) {
    try {
      DataCheck.parts(directory, identity);
    } catch (StartException e) {
      note("refused", e.getMessage());
    }
    DurableLog log = null;
    try {
      log = log();
      var store = store();
      if (store.isPresent() && identity.recovering() == 0) {
        try {
          DataCheck.cluster(directory.store(), store.get().cluster().id(), identity);
        } catch (StartException e) {
          note("refused", e.getMessage());
        }
      }
      if (log == null || refusal != null) {
        foretell("");
      } else {
        together(identity, log, store.map(StoreInspection::applied).orElse(Position.START));
      }
    } finally {
      if (log != null) {
        log.close();
      }
    }
  }

  /** Null where it cannot be read. */
  private DurableLog log() {
    out.println("log            " + directory.raft());
    if (!Files.isDirectory(directory.raft())) {
      return null;
    }
    try {
      var log =
          DataCheck.open(
              directory.raft(),
              () -> DurableLog.open(new ReadOnlyDisk(directory.raft()), LogConfig.DEFAULT));
      var hs = log.hardState();
      line("segments", "%d, %s".formatted(log.segments(), mib(log.sizeOnDisk())));
      line(
          "entries",
          log.lastIndex() < log.firstIndex()
              ? "none behind entry " + log.lastIndex()
              : "%d to %d, of terms %d to %d"
                  .formatted(
                      log.firstIndex(),
                      log.lastIndex(),
                      log.term(log.firstIndex()),
                      log.term(log.lastIndex())));
      line(
          "hard state",
          "term %d, vote %016x, commit %d".formatted(hs.term(), hs.vote(), hs.commit()));
      line("checksums", "%d entries verified".formatted(log.lastIndex() - log.firstIndex() + 1));
      return log;
    } catch (StartException e) {
      note("damage", e.getMessage());
      return null;
    }
  }

  private Optional<StoreInspection> store() {
    out.println("store          " + directory.store());
    try {
      var live =
          Files.isDirectory(directory.store())
              ? DataCheck.open(
                  directory.store(), () -> FileStoreDirectory.liveDatabase(directory.store()))
              : Optional.<Path>empty();
      if (live.isEmpty() || !Files.exists(live.get().resolve("CURRENT"))) {
        line("database", "none yet");
        return Optional.empty();
      }
      var store = DataCheck.open(live.get(), () -> StoreInspection.of(live.get()));
      line(
          "database",
          "%s, %d files, %s"
              .formatted(store.database().getFileName(), store.files(), mib(store.bytes())));
      line(
          "applied",
          "entry %d of term %d, revision %d, compacted to %d"
              .formatted(
                  store.applied().index(),
                  store.applied().term(),
                  store.revision(),
                  store.compactRevision()));
      line("cluster", "%016x".formatted(store.cluster().id()));
      for (var m : store.cluster().members()) {
        line(
            "member",
            "%016x %s at %s%s"
                .formatted(
                    m.id(),
                    m.name(),
                    String.join(",", m.peerUrls()),
                    m.learner() ? " (learner)" : ""));
      }
      line("checksums", "all files verified");
      return Optional.of(store);
    } catch (StartException e) {
      note("damage", e.getMessage());
      return Optional.empty();
    }
  }

  private void together(Identity identity, DurableLog log, Position applied) {
    var mismatch = RaftReplica.mismatch(log, applied);
    if (mismatch.isPresent()) {
      note("refused", mismatch.get());
      foretell("");
      return;
    }
    long first = applied.index() + 1;
    var entries =
        first > log.lastIndex()
            ? "with nothing to apply again"
            : "with entries %d to %d to apply as far as they are committed"
                .formatted(first, log.lastIndex());
    foretell(
        identity.recovering() != 0
            ? "complete the recovery as cluster %016x".formatted(identity.recovering())
            : "restart as member %016x of cluster %016x, %s"
                .formatted(identity.memberId(), identity.clusterId(), entries));
  }

  private void foretell(String what) {
    out.println("a start would  " + (refusal == null ? what : "refuse: " + refusal));
  }

  /** What makes a start refuse; the first is the one that it would name. */
  private void note(String kind, String why) {
    line(kind, why);
    if (refusal == null) {
      refusal = why;
    }
  }

  private void line(String name, String value) {
    out.println("  %-12s %s".formatted(name, value));
  }

  private static String mib(long bytes) {
    return "%.1f MiB".formatted(bytes / 1048576.0);
  }
}
