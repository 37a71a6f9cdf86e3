package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Without a node: the stand-in of the build's {@link Rehearsal} answers, or nobody does. */
class CommandLineTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> environment = new HashMap<>();

  private int run(String... args) {
    out.reset();
    err.reset();
    return Main.run(
        args,
        environment,
        InputStream.nullInputStream(),
        out,
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).strip();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "gte a | unknown command gte, did you mean get?",
        "x | unknown command x, see \"kelvin --help\"",
        "stat | unknown command stat, did you mean status?",
        "frobnicate | unknown command frobnicate, see \"kelvin --help\"",
        "lease gratn 5 | unknown command lease gratn, did you mean grant?",
        "lease | which command? See \"kelvin lease --help\"",
        "get a --prefx | unknown option --prefx, did you mean --prefix?",
        "get a --output=jsn | --output: must be plain or table or json, got \"jsn\", did you mean"
            + " json?",
        "get a --rev | --rev needs a value: REVISION",
        "get a --rev x | --rev: must be a number, got \"x\"",
        "get a --limit -1 | --limit: must be a number, got \"-1\"",
        "get | get needs KEY [END]",
        "get a b c | unexpected argument c: get takes KEY [END]",
        "get a b --prefix | --prefix needs no END",
        "get a --prefix --from-key | --prefix and --from-key contradict each other",
        "get a --keys-only --value-only | --keys-only and --value-only contradict each other",
        "put a -5 | unknown option -5; a value that begins with a dash goes after --",
        "put a b --ignore-value | --ignore-value needs no VALUE",
        "put a b --lease xyz | --lease: must be an ID of up to 16 hex digits, as it is shown, got"
            + " \"xyz\"",
        "get a --endpoints b | --endpoints: \"b\" should look like HOST:PORT",
        "get a --endpoints https://b:1 | --endpoints: https://b:1: Kelvin does not speak TLS",
        "get a --timeout 5 | --timeout: must be a duration as 500ms, 5s or 1m, got \"5\"",
        "member add x | --peer-urls is needed: where the other members reach it",
        "--endpoint a:1 get b | unknown option --endpoint, did you mean --endpoints?",
        "--timeout 1s server | options of kelvin server come after it: see \"kelvin server"
            + " --help\""
      })
  void whatMakesNoSenseIsRefusedInOneLine(String line, String message) {
    assertEquals(Exit.USAGE, run(line.split(" ")));
    assertEquals("kelvin: " + message, err());
    assertEquals("", out());
  }

  @Test
  void anEmptyKeyIsRefused() {
    assertEquals(Exit.USAGE, run("get", ""));
    assertEquals("kelvin: KEY must not be empty; for all keys there is --prefix", err());
  }

  @Test
  void endpointsInTheEnvironmentAreNamedSo() {
    environment.put("KELVIN_ENDPOINTS", "a:1,b");
    assertEquals(Exit.USAGE, run("get", "a"));
    assertEquals("kelvin: KELVIN_ENDPOINTS: \"b\" should look like HOST:PORT", err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void helpListsAllCommands(String word) {
    assertEquals(Exit.OK, run(word));
    for (var command : Commands.KELVIN.commands()) {
      assertTrue(out().contains("\n  " + command.name() + " "), command.name());
    }
    assertEquals("", err());
  }

  @Test
  void withoutACommandThereIsHelpAndAnError() {
    assertEquals(Exit.USAGE, run());
    assertTrue(out().startsWith("Usage: kelvin COMMAND"));
  }

  @Test
  void helpOfACommandHasItsOptionsAndThoseOfAll() {
    assertEquals(Exit.OK, run("help", "get"));
    var help = out();
    assertTrue(help.contains("--count-only") && help.contains("--endpoints"), help);
    assertEquals(Exit.OK, run("get", "a", "--help"));
    assertEquals(help, out());
    assertEquals(Exit.OK, run("lease", "grant", "--help"));
    assertTrue(out().startsWith("Usage: kelvin lease grant [OPTIONS] TTL\n"), out());
  }

  @Test
  void linesOfHelpFitOnATerminal() {
    run("--help");
    out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    for (var command : Commands.KELVIN.commands()) {
      if (!command.isNodes()) {
        run("help", command.name());
        out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
      }
    }
  }

  @Test
  void theVersionIsTheBuilds() {
    assertEquals(Exit.OK, run("--version"));
    assertTrue(out().matches("kelvin [0-9].*\n"), out());
    assertFalse(out().contains("$"), out());
  }

  @Test
  void whoRefusedIsNamed() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertEquals(
        Exit.NO_ENDPOINT,
        run("--endpoints", "127.0.0.1:" + port, "get", "a", "--timeout", "200ms"));
    assertEquals(
        "kelvin: no endpoint answered: 127.0.0.1:" + port + " refused the connection", err());
    assertEquals("", out());
  }
}
