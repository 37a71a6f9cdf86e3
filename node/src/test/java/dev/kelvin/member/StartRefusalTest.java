package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.duty.AutoCompaction;
import dev.kelvin.peer.PeerAddress;
import dev.kelvin.peer.PeerMeters;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.FileStoreDirectory;
import dev.kelvin.store.Member;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.StoreException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Data that a node must not start on, and what it says instead. {@code kelvin inspect} says the
 * same of each beforehand, and changes nothing.
 */
class StartRefusalTest {
  private static final long CLUSTER = 0xc1;
  private static final long MEMBER = 0xa1;
  private static final String SEGMENT = "0000000000000001.seg";

  @TempDir Path parent;
  private Path dir;

  @BeforeEach
  void found() {
    dir = parent.resolve("n1");
    found(dir, CLUSTER, MEMBER);
  }

  private static NodeConfig config(Path dir) {
    return new NodeConfig(
        "n1",
        "1",
        dir,
        new PeerAddress("127.0.0.1", 1),
        List.of(),
        List.of(),
        "",
        false,
        List.of(),
        10,
        100,
        1 << 20,
        8 << 20,
        8 << 20,
        8 << 20,
        1 << 20,
        1 << 20,
        AutoCompaction.OFF,
        Optional.empty());
  }

  private static void found(Path dir, long cluster, long member) {
    try (var directory = DataDirectory.open(dir)) {
      var config = config(dir);
      long incarnation = directory.identity().incarnation();
      directory.clear(incarnation);
      var first = new Member(member, "n1", List.of(), List.of(), false, incarnation, 1);
      Group.found(directory, config, cluster, first);
      try (var log = Group.openLog(directory, config);
          var store = Group.openStore(FileStoreDirectory.open(directory.store()), config)) {
        for (long i = 2; i < 10; i++) {
          log.append(
              new HardState(1, member, i - 1),
              List.of(new Entry(i, 1, EntryKind.NOOP, new byte[0])));
          log.sync();
        }
        store.apply(log.entries(1, 6, Long.MAX_VALUE), StateMachine.Listener.NOBODY);
        store.flush();
      }
      directory.save(Identity.founder(incarnation, cluster, member));
    }
  }

  /** What a start says, if it refuses; the directory is as it was. */
  private String refusal() {
    try (var directory = DataDirectory.open(dir)) {
      return assertThrows(
              StartException.class,
              () ->
                  Group.open(
                      directory,
                      config(dir),
                      directory.identity(),
                      null,
                      (member, why) -> {},
                      new PeerMeters(),
                      null))
          .getMessage();
    }
  }

  private record Seen(boolean well, String text) {}

  private Seen inspect() throws Exception {
    var before = contents();
    var text = new StringWriter();
    boolean well = Inspection.run(dir, new PrintWriter(text, true));
    assertEquals(before, contents(), "inspect changed something");
    return new Seen(well, text.toString());
  }

  private Map<String, Integer> contents() throws Exception {
    var contents = new TreeMap<String, Integer>();
    try (var files = Files.walk(dir)) {
      for (var file : files.toList()) {
        contents.put(
            file.toString(),
            Files.isDirectory(file) ? 0 : Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private void assertRefused(String... parts) throws Exception {
    var seen = inspect();
    var message = refusal();
    for (var part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertFalse(message.contains("\n"), message);
    assertFalse(seen.well, seen.text);
    assertTrue(seen.text.contains("a start would  refuse: " + message), seen.text + message);
  }

  private void garble(Path file, long at) throws Exception {
    try (var f = new RandomAccessFile(file.toFile(), "rw")) {
      f.seek(at);
      int old = f.read();
      f.seek(at);
      f.write(old ^ 0x55);
    }
  }

  private Path raft() {
    return dir.resolve("raft");
  }

  private Path store() {
    return dir.resolve("store");
  }

  private Path inDatabase(String prefix, String suffix) throws Exception {
    try (var files = Files.list(store().resolve("1"))) {
      return files
          .filter(
              f -> f.getFileName().toString().startsWith(prefix) && f.toString().endsWith(suffix))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private static void delete(Path tree) throws Exception {
    try (var files = Files.walk(tree)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void inspectShowsWhatIsThereAndWhatAStartWouldDo() throws Exception {
    var seen = inspect();
    assertTrue(seen.well, seen.text);
    for (var line :
        List.of(
            "state        member",
            "cluster      00000000000000c1",
            "member       00000000000000a1",
            "segments     1, 1.0 MiB",
            "entries      1 to 9, of terms 1 to 1",
            "hard state   term 1, vote 00000000000000a1, commit 8",
            "checksums    9 entries verified",
            "applied      entry 5 of term 1, revision 1, compacted to 0",
            "member       00000000000000a1 n1 at ",
            "checksums    all files verified",
            "a start would  restart as member 00000000000000a1 of cluster 00000000000000c1,"
                + " with entries 6 to 9 to apply as far as they are committed")) {
      assertTrue(seen.text.contains(line), line + " is not in:\n" + seen.text);
    }
  }

  @Test
  void inspectOfWhatIsNotAMemberSaysThatAStartWouldWait() throws Exception {
    dir = Files.createDirectory(parent.resolve("empty"));
    assertTrue(inspect().text.contains("a start would  wait with a new incarnation"));
    try (var directory = DataDirectory.open(dir)) {
      directory.identity();
      var e = assertThrows(StartException.class, this::inspect);
      assertTrue(e.getMessage().contains("is in use by another process"), e.getMessage());
    }
    var waiting = inspect();
    assertTrue(waiting.well);
    assertTrue(waiting.text.contains("a start would  wait to be bootstrapped or joined"));
    dir = parent.resolve("nowhere");
    var e =
        assertThrows(
            StartException.class, () -> Inspection.run(dir, new PrintWriter(new StringWriter())));
    assertEquals("there is no data directory " + dir, e.getMessage());
  }

  @Test
  void aDamagedRecordInTheMiddleOfTheLog() throws Exception {
    garble(raft().resolve(SEGMENT), 512 + 41);
    assertRefused(raft().toString(), SEGMENT, "offset 512", "had been synced", "join it again");
  }

  @Test
  void aLogSegmentOfANewerFormat() throws Exception {
    try (var file = new RandomAccessFile(raft().resolve(SEGMENT).toFile(), "rw")) {
      file.seek(8);
      file.writeInt(9);
    }
    assertRefused(SEGMENT, "format version 9", "start the version of Kelvin that wrote it");
  }

  @Test
  void aMissingLog() throws Exception {
    delete(raft());
    assertRefused(raft() + " is missing or empty", "put it back, or restore this member");
  }

  @Test
  void aStoreThatIsMissingIsMadeAnewFromTheWholeLog() throws Exception {
    delete(store());
    var seen = inspect();
    assertTrue(seen.well, seen.text);
    assertTrue(seen.text.contains("with entries 1 to 9 to apply"), seen.text);
  }

  @Test
  void aStoreThatIsMissingWhereTheLogDoesNotBeginAtItsStart() throws Exception {
    delete(store());
    try (var directory = DataDirectory.open(dir);
        var log = Group.openLog(directory, config(dir))) {
      log.reset(500, 3);
    }
    var seen = inspect();
    assertFalse(seen.well);
    assertTrue(
        seen.text.contains(
            "refuse: the store has applied entry 0, but the log begins at 501: they do not belong together"),
        seen.text);
  }

  @Test
  void aDamagedManifestOfTheStore() throws Exception {
    garble(inDatabase("MANIFEST", ""), 40);
    var message = refusal();
    assertTrue(message.contains(store().toString()), message);
    assertTrue(message.contains("the store is damaged") && message.contains("MANIFEST"), message);
    assertTrue(message.contains("restore this member"), message);
    assertFalse(inspect().well);
  }

  @Test
  void aDamagedFileOfTheStoreIsFoundByInspect() throws Exception {
    var file = inDatabase("", ".sst");
    garble(file, 10);
    var seen = inspect();
    assertFalse(seen.well, seen.text);
    assertTrue(seen.text.contains("the store is damaged"), seen.text);
    assertTrue(seen.text.contains(file.getFileName().toString()), seen.text);
    assertTrue(seen.text.contains("restore this member"), seen.text);
  }

  @Test
  void aFileOfTheStoreFoundDamagedByAReadIsRememberedAsTheStoresFailure() throws Exception {
    var key = ByteString.copyFromUtf8("k");
    var put =
        PutRequest.newBuilder()
            .setKey(key)
            .setValue(ByteString.copyFrom(new byte[100_000]))
            .build();
    var command = CommandCodec.standard().encode(CommandKind.PUT, 1, 2, 3, put.toByteArray());
    try (var store = Group.openStore(FileStoreDirectory.open(store()), config(dir))) {
      store.apply(
          List.of(new Entry(6, 1, EntryKind.COMMAND, command)), StateMachine.Listener.NOBODY);
      store.flush();
    }
    Path largest;
    try (var files = Files.list(store().resolve("1"))) {
      largest =
          files
              .filter(f -> f.toString().endsWith(".sst"))
              .max(Comparator.comparingLong(f -> f.toFile().length()))
              .orElseThrow();
    }
    garble(largest, 50_000);
    try (var store = Group.openStore(FileStoreDirectory.open(store()), config(dir))) {
      assertTrue(store.failure().isEmpty());
      var read = RangeRequest.newBuilder().setKey(key).build();
      var e = assertThrows(StoreException.class, () -> store.range(read, false));
      assertTrue(e.getMessage().startsWith("the store is damaged"), e.getMessage());
      assertTrue(e.getMessage().contains(largest.getFileName().toString()), e.getMessage());
      assertEquals(e, store.failure().orElseThrow());
    }
  }

  @Test
  void aStoreWhoseLiveDatabaseIsNotNamed() throws Exception {
    var pointer = store().resolve("live");
    Files.delete(pointer);
    assertRefused(pointer.toString(), "is missing, but there is " + store().resolve("1"));
    Files.writeString(pointer, "7");
    assertRefused(pointer.toString(), "names \"7\", and there is no such database");
    Files.writeString(pointer, "");
    assertRefused("names \"\"");
    Files.writeString(pointer, "1");
    assertTrue(inspect().well);
  }

  @Test
  void aHalfWrittenSnapshotIsDeleted() throws Exception {
    var snapshot = Files.createDirectory(store().resolve("2"));
    Files.write(snapshot.resolve("000009.sst"), new byte[100]);
    assertTrue(inspect().well);
    FileStoreDirectory.open(store());
    assertFalse(Files.exists(snapshot));
    assertTrue(Files.exists(store().resolve("1")));
  }

  @Test
  void theLogOfAnotherDirectory() throws Exception {
    var other = parent.resolve("n2");
    found(other, CLUSTER, 0xa2);
    delete(raft());
    Files.move(other.resolve("raft"), raft());
    assertRefused(raft() + " belongs to another data directory", "put this member's own back");
  }

  @Test
  void theStoreOfAnotherDirectoryOrCluster() throws Exception {
    var other = parent.resolve("n2");
    found(other, 0xc2, 0xa2);
    delete(store());
    Files.move(other.resolve("store"), store());
    assertRefused(store() + " belongs to another data directory");
    Files.delete(store().resolve("owner"));
    assertRefused(
        "holds the data of cluster 00000000000000c2",
        "this member belongs to cluster 00000000000000c1");
  }

  @Test
  void anIdentityThatSaysNothingOrTooMuch() throws Exception {
    var file = dir.resolve("identity");
    var whole = Files.readString(file);
    for (var bad :
        Map.of(
                "",
                "the file is empty",
                "\0\1garbage",
                "the file is garbled, it says no format",
                whole.replace("member=", "m"),
                "the file is garbled, it says no member",
                whole.replace("member=", "member=x"),
                "no ID: \"x00000000000000a1\"",
                whole.replace("format=1", "format=2"),
                "identity format is 2, this build reads 1; start the version of Kelvin that")
            .entrySet()) {
      Files.writeString(file, bad.getKey(), StandardCharsets.ISO_8859_1);
      try (var directory = DataDirectory.open(dir)) {
        var e = assertThrows(StartException.class, directory::identity);
        assertTrue(e.getMessage().startsWith("cannot read " + file), e.getMessage());
        assertTrue(e.getMessage().contains(bad.getValue()), e.getMessage());
      }
      assertFalse(inspect().well);
    }
    Files.delete(file);
    assertFalse(inspect().well);
  }

  @Test
  void aPlaceThatCannotBeWritten() throws Exception {
    var file = Files.createFile(parent.resolve("file"));
    var e = assertThrows(StartException.class, () -> DataDirectory.open(file.resolve("data")));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains("with --data-dir"), e.getMessage());
  }
}
