package dev.kelvin.client;

import java.util.Arrays;
import java.util.List;

/**
 * Where a node serves clients.
 *
 * @param host name or address, without brackets
 * @param port from 1 to 65535
 */
public record Endpoint(String host, int port) {
  private static final String SCHEME = "http://";

  /**
   * Reads {@code HOST:PORT}, {@code [::1]:PORT}, or the same after {@code http://}.
   *
   * @throws IllegalArgumentException for anything else, with a message for people
   */
  public static Endpoint parse(String text) {
    if (text.startsWith("https://")) {
      throw new IllegalArgumentException(text + ": Kelvin does not speak TLS");
    }
    var address = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
    int colon = address.lastIndexOf(':');
    var host = colon < 0 ? "" : address.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    boolean good =
        !host.isBlank()
            && host.indexOf('/') < 0
            && (bracketed || host.indexOf(':') < 0)
            && address.substring(colon + 1).matches("[0-9]{1,5}");
    int port = good ? Integer.parseInt(address.substring(colon + 1)) : 0;
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("\"" + text + "\" should look like HOST:PORT");
    }
    return new Endpoint(bracketed ? host.substring(1, host.length() - 1) : host, port);
  }

  /**
   * Reads a list, separated by commas.
   *
   * @throws IllegalArgumentException as {@link #parse}
   */
  public static List<Endpoint> parseList(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).map(Endpoint::parse).toList();
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
