package dev.kelvin.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.peer.FileChunk;
import dev.kelvin.proto.peer.FileEnd;
import dev.kelvin.proto.peer.SnapshotEnd;
import dev.kelvin.proto.peer.SnapshotFile;
import dev.kelvin.proto.peer.SnapshotPart;
import dev.kelvin.raft.Membership;
import dev.kelvin.raft.Message.InstallSnapshot;
import dev.kelvin.raft.SnapshotMeta;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a receiver of a snapshot believes, and what it does not. */
class SnapshotReceiverTest {
  private static final InstallSnapshot MESSAGE =
      new InstallSnapshot(
          1, 2, 3, new SnapshotMeta(9, 2, Membership.of(List.of(1L, 2L), List.of())));

  @TempDir Path dir;
  private SnapshotReceiver receiver;

  @BeforeEach
  void open() throws IOException {
    var manifest = SnapshotManifest.received(List.of(file("a", 6), file("b", 0)));
    receiver = new SnapshotReceiver(1, MESSAGE, manifest, dir.resolve("s"));
  }

  @AfterEach
  void close() throws IOException {
    receiver.close();
  }

  private static SnapshotFile file(String name, long size) {
    return SnapshotFile.newBuilder().setName(name).setSize(size).build();
  }

  private static int crc(String text) {
    var crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }

  private static SnapshotPart chunk(int file, long offset, String text, int crc) {
    return SnapshotPart.newBuilder()
        .setChunk(
            FileChunk.newBuilder()
                .setFile(file)
                .setOffset(offset)
                .setData(ByteString.copyFromUtf8(text))
                .setCrc32C(crc))
        .build();
  }

  private static SnapshotPart end(int file, String text) {
    return SnapshotPart.newBuilder()
        .setFileEnd(FileEnd.newBuilder().setFile(file).setCrc32C(crc(text)))
        .build();
  }

  private static SnapshotPart whole(int crc) {
    return SnapshotPart.newBuilder().setEnd(SnapshotEnd.newBuilder().setCrc32C(crc)).build();
  }

  @Test
  void itSaysWhatItHolds() throws IOException {
    assertEquals(0, receiver.held().getFiles());
    receiver.accept(chunk(0, 0, "abcd", crc("abcd")));
    assertEquals(0, receiver.held().getFiles());
    assertEquals(4, receiver.held().getBytes());
    assertEquals(crc("abcd"), receiver.held().getCrc32C());
    receiver.accept(chunk(0, 4, "ef", crc("ef")));
    receiver.accept(end(0, "abcdef"));
    assertEquals(1, receiver.held().getFiles());
    assertEquals(0, receiver.held().getBytes());
    receiver.accept(end(1, ""));
    var manifest = SnapshotManifest.received(List.of(file("a", 6), file("b", 0)));
    receiver.accept(whole(manifest.crc(List.of(crc("abcdef"), 0))));
    assertTrue(receiver.complete());
    assertEquals("abcdef", Files.readString(dir.resolve("s").resolve("a")));
  }

  @Test
  void aDamagedChunkIsLeftOut() throws IOException {
    receiver.accept(chunk(0, 0, "abcd", crc("abcd")));
    assertThrows(
        DamagedSnapshotException.class, () -> receiver.accept(chunk(0, 4, "ef", crc("eg"))));
    assertEquals(4, receiver.held().getBytes());
    receiver.accept(chunk(0, 4, "ef", crc("ef")));
    receiver.accept(end(0, "abcdef"));
    assertEquals(1, receiver.held().getFiles());
  }

  @Test
  void aFileWithAnotherChecksumIsForgotten() throws IOException {
    receiver.accept(chunk(0, 0, "abcdef", crc("abcdef")));
    assertThrows(DamagedSnapshotException.class, () -> receiver.accept(end(0, "abcdeg")));
    assertEquals(0, receiver.held().getBytes());
    assertEquals(0, receiver.held().getFiles());
  }

  @Test
  void aFileCanBeginAgain() throws IOException {
    receiver.accept(chunk(0, 0, "abcd", crc("abcd")));
    receiver.accept(chunk(0, 0, "ABCDEF", crc("ABCDEF")));
    receiver.accept(end(0, "ABCDEF"));
    assertEquals("ABCDEF", Files.readString(dir.resolve("s").resolve("a")));
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    refused(chunk(1, 0, "x", crc("x")));
    refused(chunk(0, 1, "x", crc("x")));
    refused(chunk(0, 0, "abcdefg", crc("abcdefg")));
    refused(end(0, ""));
    refused(whole(0));
    receiver.accept(chunk(0, 0, "abcdef", crc("abcdef")));
    receiver.accept(end(0, "abcdef"));
    receiver.accept(end(1, ""));
    refused(whole(0));
    assertFalse(receiver.complete());
  }

  private void refused(SnapshotPart part) {
    assertThrows(MalformedMessageException.class, () -> receiver.accept(part));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "../x", "a/b", "/x", "a\0", ".hidden"})
  void onlyPlainNamesAreFiles(String name) {
    assertThrows(
        MalformedMessageException.class, () -> SnapshotManifest.received(List.of(file(name, 1))));
  }

  @Test
  void sizesAndNamesMustMakeSense() {
    assertThrows(
        MalformedMessageException.class, () -> SnapshotManifest.received(List.of(file("a", -1))));
    assertThrows(
        MalformedMessageException.class,
        () -> SnapshotManifest.received(List.of(file("a", 1), file("a", 1))));
    assertThrows(
        MalformedMessageException.class,
        () -> SnapshotManifest.received(List.of(file("a", Long.MAX_VALUE), file("b", 1))));
  }
}
