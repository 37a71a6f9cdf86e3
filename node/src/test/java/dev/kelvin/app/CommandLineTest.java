package dev.kelvin.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.cli.Commands;
import dev.kelvin.store.Restoration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> environment = new HashMap<>();
  @TempDir Path directory;

  private CommandLineParser.Result parse(String... args) {
    return CommandLineParser.parse(
        args, environment, "1.2.3", new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private Options server(String... args) {
    var all = Stream.concat(Stream.of("server"), Arrays.stream(args)).toArray(String[]::new);
    var result = parse(all);
    assertEquals("", err.toString());
    return result.options().orElseThrow();
  }

  private void assertRefused(String message, String... args) {
    var result = parse(args);
    assertEquals(2, result.exitCode());
    assertTrue(result.options().isEmpty());
    assertEquals("kelvin: " + message, err.toString().strip());
  }

  private String file(String... lines) throws Exception {
    return Files.write(directory.resolve("kelvin.properties"), List.of(lines)).toString();
  }

  @ParameterizedTest
  @CsvSource({
    "inspect, DIR",
    "snapshot status, FILE",
    "train, DIR",
    "care promote, MEMBER",
    "care remove, MEMBER",
    "care join, HOST:PORT",
    "care set-aside, MEMBER",
    "care recover, MEMBER"
  })
  void whatACommandNeedsIsNamed(String command, String parameter) {
    parse(command.split(" "));
    assertTrue(
        err.toString().startsWith("kelvin: Missing required parameter: '" + parameter),
        err.toString());
  }

  @Test
  void aMemberThatIsNoIdIsRefused() {
    assertRefused(
        "zzz is no member ID; it is up to 16 hex digits, as in the status",
        "care",
        "remove",
        "zzz");
  }

  @Test
  void saysNothingAndGetsTheDefaults() {
    var options = server();
    assertEquals(new Address("127.0.0.1", 2379), options.listenClient());
    assertEquals("http://127.0.0.1:2379", options.advertiseClient());
    assertEquals("http://127.0.0.1:2380", options.advertisePeer());
    assertEquals(100, options.electionTicks());
    assertEquals(10, options.heartbeatTicks());
    assertEquals(1_572_864, options.maxRequestBytes());
    assertEquals(128, options.maxTxnOps());
    assertTrue(options.autoCompaction().off());
    assertEquals(0, options.quotaBackendBytes());
    assertFalse(options.bootstrap());
    assertTrue(options.dataDir().isAbsolute());
  }

  @Test
  void theTcpDoorsAreClosedUnlessAskedForAndJsonIsReachedWhereTheNodeIs() {
    var options = server();
    assertTrue(options.listenCache().isEmpty());
    assertTrue(options.listenJson().isEmpty());
    assertTrue(options.advertiseJson().isEmpty());
    options = server("--listen-json=0.0.0.0:2392", "--advertise-client=http://[fd00::1]:2379");
    assertEquals(new Address("0.0.0.0", 2392), options.listenJson().orElseThrow());
    assertEquals("[fd00::1]:2392", options.advertiseJson().orElseThrow().toString());
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws Exception {
    var file = file("kelvin.name=file", "kelvin.max-txn-ops=1", "kelvin.log-level=debug");
    environment.put("KELVIN_NAME", "environment");
    environment.put("KELVIN_MAX_TXN_OPS", "2");
    var options = server("--config", file, "--name", "line");
    assertEquals("line", options.name());
    assertEquals(2, options.maxTxnOps());
    assertEquals("debug", options.logLevel());
    assertEquals(64 << 20, options.logSegmentSize());
  }

  @Test
  void everySettingHasItsThreeSpellings() throws Exception {
    for (var setting : Setting.values()) {
      var value = setting.standard().isEmpty() ? sample(setting) : setting.standard();
      // One of them makes no sense without another.
      var others = setting == Setting.FROM_SNAPSHOT ? List.of("--bootstrap") : List.<String>of();
      server(with(others, setting.option() + "=" + value));
      environment.put(setting.variable(), value);
      server(with(others));
      environment.clear();
      server(with(others, "--config", file(setting.property() + "=" + value)));
    }
  }

  private static String[] with(List<String> others, String... args) {
    return Stream.concat(others.stream(), Arrays.stream(args)).toArray(String[]::new);
  }

  private static String sample(Setting setting) {
    return switch (setting) {
      case JOIN -> "a:1,b:2";
      case LISTEN_CACHE, LISTEN_JSON -> "127.0.0.1:1";
      default -> "http://example.com:1";
    };
  }

  @Test
  void theFileCanBeNamedInTheEnvironment() throws Exception {
    environment.put("KELVIN_CONFIG", file("kelvin.name=x"));
    assertEquals("x", server().name());
  }

  @Test
  void addressesToJoinAreRepeatedOrListed() {
    var expected = List.of(new Address("a", 1), new Address("b", 2), new Address("::1", 3));
    assertEquals(expected, server("--join", "a:1,b:2", "--join", "[::1]:3").join());
  }

  @Test
  void aFlagAloneMeansTrue() {
    assertTrue(server("--bootstrap").bootstrap());
    assertFalse(server("--bootstrap=false").bootstrap());
  }

  @Test
  void aClusterIsFoundedFromASnapshotWithRevisionsSkippedOrNot() {
    assertTrue(server("--bootstrap").restoration().isEmpty());
    var plain = server("--bootstrap", "--from-snapshot=/backup/s.db").restoration().orElseThrow();
    assertEquals(new Restoration(Path.of("/backup/s.db"), 0, false), plain);
    var bumped =
        server(
            "--bootstrap",
            "--from-snapshot=/backup/s.db",
            "--bump-revision=1000000000",
            "--mark-compacted");
    assertEquals(
        new Restoration(Path.of("/backup/s.db"), 1_000_000_000, true),
        bumped.restoration().orElseThrow());
  }

  @Test
  void aSnapshotIsForFoundingOnly() {
    assertRefused(
        "--from-snapshot: founds a cluster, so it needs --bootstrap",
        "server",
        "--from-snapshot=s.db");
  }

  @Test
  void skippedRevisionsAreForASnapshotOnly() {
    assertRefused(
        "--bump-revision: is about a cluster founded with --from-snapshot",
        "server",
        "--bootstrap",
        "--bump-revision=1",
        "--mark-compacted");
  }

  @Test
  void skippedRevisionsMustCountAsCompacted() {
    assertRefused(
        "--bump-revision and --mark-compacted go together: clients of the old cluster must be told"
            + " that revisions were skipped",
        "server",
        "--bootstrap",
        "--from-snapshot=s.db",
        "--bump-revision=1");
  }

  @Test
  void durationsAndSizesHaveUnits() {
    var options =
        server(
            "--heartbeat-interval=50ms",
            "--election-timeout=1.5s",
            "--log-segment-size=2MiB",
            "--max-request-bytes=4096");
    assertEquals(Duration.ofMillis(50), options.heartbeatInterval());
    assertEquals(Duration.ofMillis(1500), options.electionTimeout());
    assertEquals(2 << 20, options.logSegmentSize());
    assertEquals(4096, options.maxRequestBytes());
  }

  @Test
  void aTypoIsAnsweredWithTheRightOption() throws Exception {
    assertRefused("unknown option --dat-dir, did you mean --data-dir?", "server", "--dat-dir=x");
  }

  @Test
  void aTypoInTheEnvironmentIsRefusedToo() {
    environment.put("KELVIN_DATADIR", "x");
    assertRefused(
        "unknown environment variable KELVIN_DATADIR, did you mean KELVIN_DATA_DIR?", "server");
  }

  @Test
  void aTypoInTheFileIsRefusedToo() throws Exception {
    var file = file("kelvin.nme=x");
    assertRefused(
        file + ": unknown setting kelvin.nme, did you mean kelvin.name?",
        "server",
        "--config",
        file);
  }

  @Test
  void whatNobodyCanGuessGetsNoSuggestion() {
    assertRefused("unknown option --frobnicate", "server", "--frobnicate");
  }

  @ParameterizedTest
  @CsvSource({
    "KELVIN_SERVICE_HOST",
    "KELVIN_SERVICE_PORT_CLIENT",
    "KELVIN_PORT",
    "KELVIN_PORT_2379_TCP_ADDR",
    "KELVIN_CLIENT_SERVICE_PORT",
    "KELVIN_A_B_PORT_80_UDP"
  })
  void variablesThatKubernetesMakesForAServiceAreNotMeant(String variable) {
    environment.put(variable, "tcp://10.0.0.1:2379");
    server();
  }

  @Test
  void bootstrapAndJoinContradictEachOtherWhereverTheyAreSaid() {
    environment.put("KELVIN_BOOTSTRAP", "true");
    assertRefused(
        "KELVIN_BOOTSTRAP and --join contradict each other: a node either founds a cluster or joins"
            + " one",
        "server",
        "--join=a:1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--listen-client=2379 | --listen-client: must be HOST:PORT, got \"2379\"",
        "--listen-peer=a:0 | --listen-peer: port must be 1 to 65535, got \"a:0\"",
        "--listen-http=a:65536 | --listen-http: port must be 1 to 65535, got \"a:65536\"",
        "--listen-http=127.0.0.1:2379 | --listen-http: port 2379 is already taken by"
            + " --listen-client",
        "--listen-cache=127.0.0.1:2381 | --listen-cache: port 2381 is already taken by"
            + " --listen-http",
        "--listen-json=0.0.0.0:2380 | --listen-json: port 2380 is already taken by --listen-peer",
        "--listen-json=2392 | --listen-json: must be HOST:PORT, got \"2392\"",
        "--join=a | --join: must be HOST:PORT, got \"a\"",
        "--heartbeat-interval=100 | --heartbeat-interval: must be a duration like 100ms or 1s"
            + " (units: ms, s, m, h), got \"100\"",
        "--heartbeat-interval=15ms | --heartbeat-interval: must be a multiple of 10ms, up to 1m,"
            + " got \"15ms\"",
        "--election-timeout=400ms | --election-timeout: must be at least 5 times"
            + " --heartbeat-interval, got 400ms and 100ms",
        "--log-segment-size=1GB | --log-segment-size: must be a size like 64MiB (units: B, KiB,"
            + " MiB, GiB), got \"1GB\"",
        "--log-segment-size=1KiB | --log-segment-size: must be from 1MiB to 1GiB, got \"1KiB\"",
        "--max-txn-ops=0 | --max-txn-ops: must be a number from 1 to 999999, got \"0\"",
        "--auto-compaction-mode=age | --auto-compaction-mode: must be periodic or revision, got"
            + " \"age\"",
        "--auto-compaction-retention=1d | --auto-compaction-retention: must be a duration like 1h"
            + " or 30m, or hours, got \"1d\"",
        "--auto-compaction-retention=900ms | --auto-compaction-retention: must be 0, or from 1s to"
            + " 8760h, got \"900ms\"",
        "--log-level=loud | --log-level: must be one of error, warn, info, debug, trace, got"
            + " \"loud\"",
        "--log-json=1 | --log-json: must be true or false, got \"1\"",
        "--name=a/b | --name: must be letters, digits, dots, dashes or underscores, got \"a/b\"",
        "--advertise-peer=http://0.0.0.0:1 | --advertise-peer: must be an address that others can"
            + " connect to, got \"http://0.0.0.0:1\"",
        "--advertise-peer=http://[::]:1 | --advertise-peer: must be an address that others can"
            + " connect to, got \"http://[::]:1\"",
        "--advertise-client=a:1 | --advertise-client: must be a URL like http://host:port, got"
            + " \"a:1\"",
        "--listen-peer=0.0.0.0:2380 | --advertise-peer: is needed, because nobody can connect to"
            + " 0.0.0.0:2380 of --listen-peer",
        "--bump-revision=-1 | --bump-revision: must be a number from 0 to 281474976710656, got"
            + " \"-1\"",
        "--data-dir= | --data-dir: must not be empty, got \"\""
      })
  void aBadValueIsRefusedInOneLineThatNamesTheOption(String argument, String message) {
    assertRefused(message, "server", argument);
  }

  @ParameterizedTest
  @CsvSource({
    "periodic, 0, 0",
    "periodic, 2, 7200000",
    "periodic, 30m, 1800000",
    "periodic, 1h30m, 5400000",
    "periodic, 1.5h, 5400000",
    "periodic, 5s, 5000",
    "revision, 0, 0",
    "revision, 1000, 1000"
  })
  void automaticCompactionIsReadAsEtcdReadsIt(String mode, String text, long retention) {
    var options =
        server("--auto-compaction-mode", mode, "--auto-compaction-retention", text)
            .autoCompaction();
    assertEquals(mode, options.mode().name().toLowerCase());
    assertEquals(retention, options.retention());
  }

  @Test
  void aTimeIsNoNumberOfRevisions() {
    assertRefused(
        "--auto-compaction-retention: must be a number of revisions, got \"1h\"",
        "server",
        "--auto-compaction-mode=revision",
        "--auto-compaction-retention=1h");
  }

  @Test
  void aWildcardListenerIsFineWithAnAddressToAdvertise() {
    var options = server("--listen-peer=0.0.0.0:2380", "--advertise-peer=http://n1.example:2380");
    assertEquals("http://n1.example:2380", options.advertisePeer());
  }

  @Test
  void helpAndVersionAreNoErrors() {
    assertEquals(0, parse("server", "--help").exitCode());
    for (var setting : Setting.values()) {
      assertTrue(out.toString().contains(setting.option()), setting.option());
    }
    assertEquals(0, parse("server", "--version").exitCode());
    assertTrue(out.toString().contains("kelvin 1.2.3"));
    assertEquals("", err.toString());
  }

  @Test
  void whatAsksAClusterIsNamedElsewhereAndTheRestIsHere() {
    var here = CommandLineParser.kelvin("1.2.3").subcommands();
    for (var command : Commands.KELVIN.commands()) {
      assertTrue(
          command.isNodes() == here.containsKey(command.name()) || !command.commands().isEmpty());
      for (var inner : command.commands()) {
        assertEquals(
            inner.isNodes(),
            here.containsKey(command.name())
                && here.get(command.name()).getSubcommands().containsKey(inner.name()));
      }
    }
  }

  @Test
  void completionKnowsTheCommandsOfBothPrograms() {
    assertEquals(0, parse("completion", "bash").exitCode());
    var script = out.toString();
    for (var word :
        List.of("move-leader", "keep-alive", "--count-only", "--log-segment-size", "set-aside")) {
      assertTrue(script.contains(word), word);
    }
    assertFalse(script.contains("train"));
  }

  @Test
  void completionIsForShellsThatItKnows() {
    assertRefused("SHELL must be bash or zsh, got \"fish\"", "completion", "fish");
  }

  @Test
  void aMissingFileIsNamed() {
    var result = parse("server", "--config", "/nowhere/kelvin.properties");
    assertEquals(2, result.exitCode());
    assertTrue(
        err.toString().startsWith("kelvin: --config: cannot read /nowhere/kelvin.properties"));
  }
}
