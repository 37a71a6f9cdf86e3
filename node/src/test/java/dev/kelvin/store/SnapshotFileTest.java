package dev.kelvin.store;

import static dev.kelvin.store.Feed.compaction;
import static dev.kelvin.store.Feed.delete;
import static dev.kelvin.store.Feed.grant;
import static dev.kelvin.store.Feed.put;
import static dev.kelvin.store.Feed.range;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshot files: how they are written, what is believed of them, what is founded from them. */
class SnapshotFileTest {
  private static final StoreConfig CONFIG = StoreConfig.sized(4 << 20, 4 << 20);
  private static final long OLD_CLUSTER = 0xc1;
  private static final long LEASE = 0x1ea5e;
  private static final MemberChange.Found FIRST = new MemberChange.Found(0xc2, member(0xa2, "new"));

  @TempDir Path dir;

  private static Member member(long id, String name) {
    return new Member(id, name, List.of("http://" + name + ":2380"), List.of(), false, id, 1);
  }

  private Store open(String name) {
    return Store.open(FileStoreDirectory.open(dir.resolve(name)), CONFIG);
  }

  /** Ten keys of which one was deleted, old versions of all, a compaction, a lease half over. */
  private static Feed fill(Store store) {
    var feed = new Feed(store);
    feed.run(new MemberChange.Found(OLD_CLUSTER, member(0xa1, "old")));
    feed.run(grant(LEASE, 600));
    feed.run(
        new LeaseCommand.Checkpoint(
            Feed.TERM, List.of(new LeaseCommand.Checkpoint.Remaining(LEASE, 300))));
    for (int i = 0; i < 10; i++) {
      feed.run(put("key-" + i, "old value", LEASE));
    }
    feed.run(compaction(5));
    for (int i = 0; i < 10; i++) {
      feed.run(put("key-" + i, "value " + i, LEASE));
    }
    feed.run(delete("key-9", "key-90"));
    return feed;
  }

  private static byte[] read(SnapshotExport export, int chunk) throws IOException {
    var all = new ByteArrayOutputStream();
    for (var bytes = export.next(chunk); bytes != null; bytes = export.next(chunk)) {
      all.write(bytes);
      assertEquals(export.size() - all.size(), export.remaining());
    }
    all.write(export.digest());
    return all.toByteArray();
  }

  private byte[] snapshot(Store store) throws IOException {
    try (var export = store.export(1_700_000_000_000L, "1.2.3")) {
      return read(export, 4096);
    }
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(dir.resolve(name), content);
  }

  private static String refusal(Path file) {
    return assertThrows(BadSnapshotFileException.class, () -> SnapshotFile.check(file))
        .getMessage();
  }

  private static int hash(Store store, long revision) {
    var outcome = store.hash(HashKVRequest.newBuilder().setRevision(revision).build());
    return ((HashKVResponse) assertInstanceOf(Outcome.Done.class, outcome).response()).getHash();
  }

  private Set<String> left(String name) throws IOException {
    try (var files = Files.list(dir.resolve(name))) {
      return files.map(f -> f.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  @Test
  void aCopyIsOfOneMomentSaysWhatIsInItAndIsSizedAsEtcdsClientsExpect() throws Exception {
    try (var store = open("store")) {
      var feed = fill(store);
      long revision = store.revision();
      byte[] content;
      try (var export = store.export(1_700_000_000_000L, "1.2.3")) {
        feed.run(put("key-0", "written after the copy was made"));
        content = read(export, 1000);
      }
      assertEquals(Set.of("live", "1"), left("store"));
      assertEquals(32, content.length % 512);
      int body = content.length - 32;
      assertArrayEquals(
          MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(content, body)),
          Arrays.copyOfRange(content, body, content.length));
      var summary = SnapshotFile.check(file("s.db", content));
      assertEquals(content.length, summary.size());
      assertEquals(OLD_CLUSTER, summary.header().cluster());
      assertEquals(revision, summary.header().revision());
      assertEquals(5, summary.header().compact());
      assertEquals(9, summary.header().keys());
      assertEquals(1, summary.header().leases());
      assertEquals(1_700_000_000_000L, summary.header().savedAt());
      assertEquals("1.2.3", summary.header().writer());
    }
  }

  @Test
  void whateverByteIsChangedIsNoticed() throws Exception {
    byte[] content;
    try (var store = open("store")) {
      fill(store);
      content = snapshot(store);
    }
    // Every byte of what is not a file's content, which has one checksum over all of it.
    int step = 1;
    for (int i = 0; i < content.length; i += step) {
      content[i] ^= 4;
      var said = refusal(file("damaged.db", content));
      content[i] ^= 4;
      assertTrue(said.startsWith(dir.resolve("damaged.db") + " "), i + ": " + said);
      step = i < 400 || i > content.length - 600 ? 1 : 211;
    }
    assertNotNull(SnapshotFile.check(file("whole.db", content)));
  }

  @Test
  void aFileThatIsCutOffIsIncompleteAndALongerOneDamaged() throws Exception {
    byte[] content;
    try (var store = open("store")) {
      fill(store);
      content = snapshot(store);
    }
    for (int length : new int[] {8, 17, 100, 5000, content.length - 32, content.length - 1}) {
      var cut = file("cut.db", Arrays.copyOf(content, length));
      assertTrue(refusal(cut).startsWith(cut + " is incomplete: "), length + ": " + refusal(cut));
    }
    var longer = file("longer.db", Arrays.copyOf(content, content.length + 1));
    assertEquals(
        "%s is damaged: it has %d bytes, and should have %d"
            .formatted(longer, content.length + 1, content.length),
        refusal(longer));
  }

  @Test
  void whatIsNoSnapshotOfKelvinIsCalledWhatItIs() throws Exception {
    assertEquals("there is no file " + dir.resolve("none"), refusal(dir.resolve("none")));
    for (var other : List.of("", "KEL", "apiVersion: v1\nkind: ConfigMap\n")) {
      var file = file("other", other.getBytes(StandardCharsets.UTF_8));
      assertEquals(file + " is no snapshot of Kelvin", refusal(file));
    }
    // The first page of a bbolt database: its number, flags, count and overflow, then the magic.
    var page = ByteBuffer.allocate(32768).order(ByteOrder.LITTLE_ENDIAN);
    page.putLong(0).putShort((short) 4).putShort((short) 0).putInt(0).putInt(0xED0CDAED).putInt(2);
    var etcds = file("etcd.db", page.array());
    assertTrue(
        refusal(etcds).startsWith(etcds + " is a database file of etcd itself"), refusal(etcds));
    assertTrue(refusal(etcds).contains("etcdctl --endpoints=ETCD make-mirror KELVIN"));
    byte[] content;
    try (var store = open("store")) {
      fill(store);
      content = snapshot(store);
    }
    content[11] = 2;
    var newer = file("newer.db", content);
    assertEquals(
        newer
            + " has snapshot format 2, this build reads 1; start the version of Kelvin that wrote"
            + " it, or a later one",
        refusal(newer));
  }

  @Test
  void aNewClusterHasTheDataAndTheLeasesInFullAndNobodyOfTheOldOne() throws Exception {
    int hash;
    long revision;
    Path file;
    try (var store = open("old")) {
      fill(store);
      revision = store.revision();
      hash = hash(store, revision);
      file = file("s.db", snapshot(store));
    }
    var directory = FileStoreDirectory.open(dir.resolve("new"));
    new Restoration(file, 0, false).restore(directory, CONFIG, FIRST);
    try (var store = Store.open(directory, CONFIG)) {
      assertEquals(2, left("new").size(), left("new").toString());
      assertEquals(Restoration.FOUNDED, store.applied());
      assertEquals(Restoration.FOUNDED, store.durable());
      assertEquals(
          new ClusterState(0xc2, List.of(FIRST.first()), Set.of(), List.of()), store.cluster());
      assertEquals(revision, store.revision());
      assertEquals(5, store.compactRevision());
      assertEquals(hash, hash(store, revision));
      assertEquals(new Lease(LEASE, 600, 0), store.lease(LEASE));
      assertEquals(9, store.leaseKeys(LEASE).keys().size());
      var feed = new Feed(store);
      feed.run(put("key-0", "new"));
      assertEquals(revision + 1, store.revision());
      assertEquals(9, feed.read(range("key-", "key.")).getKvsCount());
    }
  }

  @Test
  void revisionsAreSkippedAndCountAsCompacted() throws Exception {
    long revision;
    Path file;
    try (var store = open("old")) {
      fill(store);
      revision = store.revision();
      file = file("s.db", snapshot(store));
    }
    var directory = FileStoreDirectory.open(dir.resolve("new"));
    new Restoration(file, 1_000_000, true).restore(directory, CONFIG, FIRST);
    try (var store = Store.open(directory, CONFIG)) {
      long now = revision + 1_000_000;
      assertEquals(now, store.revision());
      assertEquals(now, store.compactRevision());
      var feed = new Feed(store);
      assertEquals(9, feed.read(range("key-", "key.")).getKvsCount());
      assertEquals(
          StoreError.COMPACTED,
          ((Outcome.Failed)
                  store.range(
                      range("key-", "key.").toBuilder().setRevision(now - 1).build(), false))
              .error());
      assertEquals(now, store.changes(revision, 1 << 20, change -> {}).compacted());
      feed.run(put("key-0", "new"));
      var key = feed.read(range("key-0", "key-1")).getKvs(0);
      assertEquals(now + 1, key.getModRevision());
      assertEquals(3, key.getVersion());
      while (store.housekeep()) {
        assertFalse(store.physicallyCompacted() > now);
      }
      assertEquals(now, store.physicallyCompacted());
      assertEquals(9, feed.read(range("key-", "key.")).getKvsCount());
    }
  }

  @Test
  void nothingIsLeftOfARestorationThatFails() throws Exception {
    byte[] content;
    try (var store = open("old")) {
      fill(store);
      content = snapshot(store);
    }
    content[content.length / 2] ^= 1;
    var damaged = new Restoration(file("s.db", content), 0, false);
    var directory = FileStoreDirectory.open(dir.resolve("new"));
    assertThrows(BadSnapshotFileException.class, () -> damaged.restore(directory, CONFIG, FIRST));
    assertEquals(Set.of("live", "1"), left("new"));
    try (var store = Store.open(directory, CONFIG)) {
      assertEquals(Position.START, store.applied());
    }
  }

  @Test
  void copiesGoWithTheStore() throws Exception {
    SnapshotExport export;
    try (var store = open("store")) {
      fill(store);
      export = store.export(0, "");
      assertEquals(Set.of("live", "1", "2"), left("store"));
      assertNotNull(export.next(100));
    }
    assertEquals(Set.of("live", "1"), left("store"));
    assertThrows(IOException.class, () -> export.next(100_000));
    export.close();
  }
}
