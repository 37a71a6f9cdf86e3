package dev.kelvin.app;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/**
 * Host and port.
 *
 * @param host name or address; an IPv6 address without brackets
 */
public record Address(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[(?<v6>[0-9A-Fa-f:.]+)]|(?<host>[A-Za-z0-9._-]+)):(?<port>\\d{1,5})");

  /**
   * @throws IllegalArgumentException saying what is wrong
   */
  static Address parse(String text) {
    var match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException("must be HOST:PORT");
    }
    int port = Integer.parseInt(match.group("port"));
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be 1 to 65535");
    }
    var v6 = match.group("v6");
    return new Address(v6 != null ? v6 : match.group("host"), port);
  }

  /** Whether it stands for all addresses of the machine, which nobody can connect to. */
  boolean wildcard() {
    return host.equals("0.0.0.0") || host.matches("[0:]*:[0:]*");
  }

  InetSocketAddress socketAddress() {
    return new InetSocketAddress(host, port);
  }

  /** As http://host:port. */
  String url() {
    return "http://" + this;
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
