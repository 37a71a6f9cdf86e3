package dev.kelvin.cli;

import dev.kelvin.client.Client;
import dev.kelvin.client.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a command works with: streams, the environment, and a client once it is asked for. */
final class Session implements AutoCloseable {
  static final Option ENDPOINTS =
      Option.value(
          "--endpoints",
          "HOST:PORT,...",
          "Nodes to ask, one after the other until one answers. Default: KELVIN_ENDPOINTS, or"
              + " 127.0.0.1:2379.");
  static final Option TIMEOUT =
      Option.value("--timeout", "DURATION", "How long to try, as 500ms or 5s. Default: 5s.");
  static final Option OUTPUT =
      Option.choice(
          List.of("--output", "-w"),
          List.of("plain", "table", "json"),
          "How answers are shown; JSON as etcdctl's, with keys and values in base64.");
  static final Option HEX = Option.flag("--hex", "Shows keys and values as \\x61\\x62.");

  /** Of every command that asks a cluster. */
  static final List<Option> OPTIONS = List.of(ENDPOINTS, TIMEOUT, OUTPUT, HEX);

  /** Whether somebody looks at standard error; set by bin/kelvin. */
  private static final String TERMINAL = "kelvin.terminal";

  /** What answers are shown as. */
  enum Form {
    PLAIN,
    TABLE,
    JSON
  }

  private final Map<String, String> environment;
  private final InputStream in;
  private final OutputStream out;
  private final PrintStream err;
  private List<Endpoint> endpoints;
  private Duration timeout = Client.PATIENCE;
  private Form form;
  private boolean hex;
  private Client client;

  Session(Map<String, String> environment, InputStream in, OutputStream out, PrintStream err) {
    this.environment = environment;
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /**
   * @throws UsageException for an option that makes no sense
   */
  void configure(Given given) {
    var spelling = given.has(ENDPOINTS.name()) ? ENDPOINTS.name() : "KELVIN_ENDPOINTS";
    var list =
        given.text(
            ENDPOINTS.name(), environment.getOrDefault("KELVIN_ENDPOINTS", "127.0.0.1:2379"));
    try {
      endpoints = Endpoint.parseList(list);
    } catch (IllegalArgumentException e) {
      throw new UsageException(spelling + ": " + e.getMessage());
    }
    if (given.has(TIMEOUT.name())) {
      timeout = duration(TIMEOUT.name(), given.text(TIMEOUT.name(), ""));
    }
    form =
        switch (given.text(OUTPUT.name(), "")) {
          case "plain" -> Form.PLAIN;
          case "table" -> Form.TABLE;
          case "json" -> Form.JSON;
          default -> null;
        };
    hex = given.flag(HEX.name());
  }

  private static Duration duration(String what, String text) {
    var problem = what + ": must be a duration as 500ms, 5s or 1m, got \"" + text + "\"";
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    if (digits == 0 || digits > 9) {
      throw new UsageException(problem);
    }
    long number = Long.parseLong(text.substring(0, digits));
    var duration =
        switch (text.substring(digits)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> throw new UsageException(problem);
        };
    if (duration.isZero()) {
      throw new UsageException(problem);
    }
    return duration;
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  Duration timeout() {
    return timeout;
  }

  Form form(Form otherwise) {
    return form == null ? otherwise : form;
  }

  boolean hex() {
    return hex;
  }

  Client client() {
    if (client == null) {
      client = new Client(endpoints, timeout);
    }
    return client;
  }

  InputStream in() {
    return in;
  }

  OutputStream out() {
    return out;
  }

  void print(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  void println(String text) throws IOException {
    print(text);
    out.write('\n');
  }

  /** To people, on standard error. */
  void say(String text) {
    err.println("kelvin: " + text);
  }

  /** How far long work is; the next such line, or the last, takes its place. */
  void progress(String text) {
    if (Boolean.getBoolean(TERMINAL)) {
      err.print("\r\033[K" + text);
      err.flush();
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
