package dev.kelvin.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/**
 * Tries the ports before anything starts, so that the usual mistake gets one clear line. Whoever
 * takes a port in between is found out when it is opened for good.
 */
final class Ports {
  private Ports() {}

  /** What cannot be listened on, in one line; empty if all is well. */
  static Optional<String> problem(Options options) {
    return problem(Setting.LISTEN_CLIENT, options.listenClient())
        .or(() -> problem(Setting.LISTEN_PEER, options.listenPeer()))
        .or(() -> problem(Setting.LISTEN_HTTP, options.listenHttp()))
        .or(() -> options.listenCache().flatMap(at -> problem(Setting.LISTEN_CACHE, at)))
        .or(() -> options.listenJson().flatMap(at -> problem(Setting.LISTEN_JSON, at)));
  }

  private static Optional<String> problem(Setting setting, Address address) {
    var socketAddress = new InetSocketAddress(address.host(), address.port());
    if (socketAddress.isUnresolved()) {
      return Optional.of(setting.option() + ": unknown host " + address.host());
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(socketAddress);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          setting.option() + ": cannot listen on " + address + " (" + e.getMessage() + ")");
    }
  }
}
