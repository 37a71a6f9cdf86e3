package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a KV service in this process. */
class LoadTest {
  private static final int KEYS = 500;

  @TempDir private Path folder;
  private TinyServer server;
  private Connections connections;

  @BeforeEach
  void start() throws IOException {
    server = new TinyServer();
    connections = new Connections(List.of(server.endpoint()), 2);
  }

  @AfterEach
  void stop() {
    connections.close();
    server.close();
  }

  private LoadResult run(Op op, double rate) {
    return Load.run(
        new Load.Plan(
            op,
            KEYS,
            16,
            32,
            8,
            rate,
            Duration.ofMillis(50),
            Duration.ofMillis(300),
            List.of(ProcessHandle.current().pid())),
        connections);
  }

  @Test
  void fillWritesEveryKeyOnceAlsoThroughRefusals() {
    server.putsToRefuse.set(5);
    var result = run(Op.FILL, 0);
    assertEquals(KEYS, result.done());
    assertEquals(Map.of("UNAVAILABLE", 5L), result.errors());
    assertEquals(KEYS, server.data.size());
    assertTrue(server.data.containsKey("k000000000000499"), server.data.lastKey());
  }

  @Test
  void aClosedLoopMeasuresRateLatencyAndCpu() {
    var result = run(Op.PUT, 0);
    assertTrue(result.done() > 10, result.json());
    assertEquals(0, result.failed() + result.unanswered());
    assertTrue(result.millis(50) > 0 && result.millis(50) <= result.millis(99), result.json());
    assertTrue(result.serverCpuMicros() > 0, result.json());
  }

  @Test
  void anOpenLoopKeepsItsRate() {
    var result = run(Op.PUT, 200);
    // 60 are due in the window; a slow machine may push some across its edges.
    assertTrue(result.done() >= 30 && result.done() <= 80, result.json());
  }

  @Test
  void aReadThatFindsNothingIsAnError() {
    var result = run(Op.GET, 0);
    assertEquals(0, result.done());
    assertTrue(result.errors().get("ABSENT") > 0, result.json());
  }

  @Test
  void compareAndPutKnowsTheRevisionsFromTheStart() {
    run(Op.FILL, 0);
    var result = run(Op.CAS, 0);
    assertTrue(result.done() > 10, result.json());
    // Two of the eight clients may meet on one of the keys, no more.
    assertTrue(result.lost() < result.done() / 4, result.json());
  }

  @Test
  void theCommandPrintsJson() {
    var out = new StringWriter();
    int exit =
        Bench.commandLine()
            .setOut(new PrintWriter(out))
            .execute("load", "fill", "--keys=50", "--endpoints=" + server.endpoint(), "--json");
    assertEquals(0, exit);
    assertTrue(out.toString().startsWith("{\"op\":\"fill\","), out.toString());
    assertTrue(out.toString().contains("\"operations\":50,"), out.toString());
  }

  @Test
  void aLedgerIsVerifiedAndALostWriteIsFound() throws IOException {
    var file = folder.resolve("ledger").toString();
    server.putsToRefuse.set(3);
    var out = new StringWriter();
    var write =
        Bench.commandLine()
            .setOut(new PrintWriter(out))
            .execute("ledger", file, "--endpoints=" + server.endpoint(), "--duration=0.3");
    assertEquals(0, write);
    assertTrue(out.toString().contains("given up      0"), out.toString());
    assertEquals(0, verify(file));

    synchronized (server) {
      server.data.remove(Files.readAllLines(Path.of(file)).getFirst().split(" ")[0]);
    }
    assertEquals(1, verify(file));
  }

  private int verify(String file) {
    var out = new StringWriter();
    int exit =
        Bench.commandLine()
            .setOut(new PrintWriter(out))
            .execute("verify", file, "--endpoint=" + server.endpoint());
    assertFalse(out.toString().isEmpty());
    return exit;
  }
}
