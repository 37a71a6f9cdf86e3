package dev.kelvin.api.etcd;

import io.grpc.ForwardingServerBuilder;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.quarkus.arc.Arc;
import io.quarkus.grpc.runtime.config.GrpcClientConfiguration;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.quarkus.grpc.spi.GrpcBuilderProvider;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownContext;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * Gives Quarkus's separate gRPC server our builder, found through {@code META-INF/services}. By
 * itself Quarkus wraps every service into interceptors for CDI's request scope and a Vert.x
 * context, and runs every step of a call as a task of its own; no service here needs either, and
 * they would cost more than the call. Quarkus still decides when and where the server listens and
 * when it stops.
 */
public final class ClientServer implements GrpcBuilderProvider<ClientServer.Builder> {
  /** Keeps the services of the door and ignores Quarkus's wrapped ones. */
  public static final class Builder extends ForwardingServerBuilder<Builder> {
    private final EtcdDoor door;
    private final ServerBuilder<?> delegate;

    private Builder(EtcdDoor door, InetSocketAddress address) {
      this.door = door;
      delegate = door.server(address);
    }

    @Override
    protected ServerBuilder<?> delegate() {
      return delegate;
    }

    @Override
    public Builder addService(ServerServiceDefinition service) {
      return this;
    }

    @Override
    public Server build() {
      return door.opened(delegate.build());
    }
  }

  @Override
  public boolean providesServer(GrpcServerConfiguration configuration) {
    return configuration.useSeparateServer();
  }

  @Override
  public ServerBuilder<Builder> createServerBuilder(
      Vertx vertx, GrpcServerConfiguration configuration, LaunchMode launchMode) {
    int port = launchMode == LaunchMode.TEST ? configuration.testPort() : configuration.port();
    var door = Arc.container().instance(EtcdDoor.class).get();
    return new Builder(door, new InetSocketAddress(configuration.host(), port));
  }

  @Override
  public void startServer(Server server) throws Exception {
    server.start();
  }

  @Override
  public void postStartup(Server server, ShutdownContext shutdown) {
    shutdown.addShutdownTask(server::shutdownNow);
  }

  @Override
  public void devModeReload(
      List<ServerServiceDefinition> servicesWithInterceptors,
      Map<String, ServerMethodDefinition<?, ?>> methods,
      List<ServerInterceptor> globalInterceptors,
      ShutdownContext shutdown) {
    throw new UnsupportedOperationException("a node is restarted, not reloaded");
  }

  @Override
  public boolean serverAlreadyExists() {
    return false;
  }

  @Override
  public String serverInfo(String host, int port, GrpcServerConfiguration configuration) {
    return "etcd API on " + host + ":" + port;
  }

  @Override
  public boolean providesChannel(GrpcClientConfiguration configuration) {
    return false;
  }

  @Override
  public String resolver() {
    throw new UnsupportedOperationException("makes no channels");
  }

  @Override
  public ManagedChannelBuilder<?> createChannelBuilder(
      GrpcClientConfiguration configuration, String target) {
    throw new UnsupportedOperationException("makes no channels");
  }

  @Override
  public String channelInfo(GrpcClientConfiguration configuration) {
    throw new UnsupportedOperationException("makes no channels");
  }
}
