package dev.kelvin.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real process prints when it does not start, and what {@code kelvin inspect} prints. */
class StartRefusalIT {
  @TempDir Path dir;

  private record Said(int exit, String out, String err) {}

  private Said inspect() throws Exception {
    var process =
        NodeProcess.command(
                List.of(NodeProcess.KELVIN.toString(), "inspect", dir.resolve("n1").toString()))
            .redirectError(dir.resolve("stderr").toFile())
            .start();
    var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "inspect hangs");
    return new Said(process.exitValue(), out, Files.readString(dir.resolve("stderr")));
  }

  /** Starts the node once more and returns what it adds to its output. */
  private static String refusal(NodeProcess node) throws Exception {
    int before = node.output().length();
    node.start();
    assertEquals(1, node.awaitExit());
    var said = node.output().substring(before);
    assertFalse(said.contains("\tat "), "a stack trace helps nobody here: " + said);
    return said;
  }

  @Test
  void aDirectoryInUseDamagedInTheLogOrNewerIsRefusedInOneLine() throws Exception {
    var data = dir.resolve("n1");
    try (var node = new NodeProcess(dir, "n1").start("--bootstrap").awaitReady();
        var second = new NodeProcess(dir, "n1")) {
      for (int i = 0; i < 3; i++) {
        var key = ByteString.copyFromUtf8("key-" + i);
        node.kv().put(PutRequest.newBuilder().setKey(key).build());
      }
      assertTrue(
          refusal(second)
              .contains(
                  "kelvin: cannot start: data directory "
                      + data
                      + " is in use by another process; stop that one, or give this node a directory"
                      + " of its own with --data-dir\n"));
      var busy = inspect();
      assertEquals(1, busy.exit);
      assertTrue(busy.err.contains("is in use by another process; stop that one first"), busy.err);
      node.kill();
      var well = inspect();
      assertEquals(0, well.exit, well.out + well.err);
      assertTrue(well.out.contains("a start would  restart as member"), well.out);

      var identity = data.resolve("identity");
      var whole = Files.readString(identity);
      Files.writeString(identity, whole.replace("format=1", "format=2"));
      assertTrue(
          refusal(node)
              .contains(
                  "kelvin: cannot start: cannot read "
                      + identity
                      + ": identity format is 2, this build reads 1; start the version of Kelvin that"
                      + " wrote it, or a later one"));
      Files.writeString(identity, whole);

      var halfWritten = Files.createDirectory(data.resolve("store").resolve("7"));
      Files.write(halfWritten.resolve("000001.sst"), new byte[10]);
      int before = node.output().length();
      node.start().awaitReady();
      assertTrue(
          node.output()
              .substring(before)
              .contains(
                  "deleted from "
                      + data.resolve("store")
                      + " what an interrupted snapshot had left: [7]"),
          node.output());
      node.kill();

      damage(data.resolve("raft").resolve("0000000000000001.seg"), 512 + 41);
      var said = refusal(node);
      var lines = said.lines().filter(l -> l.startsWith("kelvin: ")).toList();
      assertEquals(1, lines.size(), said);
      assertTrue(
          lines
              .getFirst()
              .matches(
                  "kelvin: cannot start: cannot open \\Q"
                      + data
                      + "/raft\\E: log file 0000000000000001\\.seg, offset 512: a record that had been"
                      + " synced is damaged \\(the record at offset \\d+ proves it\\); entries from"
                      + " index 1 on are not readable; restore this member: stop it, move its data"
                      + " directory away, remove the member from the cluster and join it again"),
          lines.getFirst());
      var damaged = inspect();
      assertEquals(1, damaged.exit);
      assertTrue(damaged.out.contains("a start would  refuse: cannot open " + data), damaged.out);
    }
  }

  private static void damage(Path file, long at) throws Exception {
    try (var f = new RandomAccessFile(file.toFile(), "rw")) {
      f.seek(at);
      int old = f.read();
      f.seek(at);
      f.write(old ^ 0x55);
    }
  }
}
