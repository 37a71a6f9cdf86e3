package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A service bound by hand: requests stay the bytes that arrived, which are what the log gets, and
 * answers are encoded straight into theirs. Methods that are not given refuse as unimplemented.
 */
final class RawService {
  private static final int UNIMPLEMENTED = 12;

  private RawService() {}

  /**
   * @param generated names, types and schema of the service's methods
   * @param methods by name without the service's
   */
  static ServerServiceDefinition bind(
      ServiceDescriptor generated, Map<String, Call.Method> methods, Answers answers, Lanes lanes) {
    return bind(generated, methods, Map.of(), answers, lanes);
  }

  /**
   * The same with streams.
   *
   * @param streams handlers by name without the service's
   */
  static ServerServiceDefinition bind(
      ServiceDescriptor generated,
      Map<String, Call.Method> methods,
      Map<String, ServerCallHandler<byte[], byte[]>> streams,
      Answers answers,
      Lanes lanes) {
    // The schema descriptor is what the reflection service shows.
    var service =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    var bound =
        new LinkedHashMap<MethodDescriptor<byte[], byte[]>, ServerCallHandler<byte[], byte[]>>();
    for (var descriptor : generated.getMethods()) {
      var raw = descriptor.toBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER).build();
      service.addMethod(raw);
      var name = descriptor.getBareMethodName();
      var method = methods.getOrDefault(name, unimplemented(name));
      bound.put(
          raw,
          streams.getOrDefault(
              name, (call, headers) -> new Call(call, headers, method, answers, lanes.current())));
    }
    var definition = ServerServiceDefinition.builder(service.build());
    bound.forEach(definition::addMethod);
    return definition.build();
  }

  private static Call.Method unimplemented(String name) {
    var error = new ApiError(UNIMPLEMENTED, "kelvin: " + name + " is not implemented");
    return (request, exchange) -> exchange.refuse(error);
  }
}
