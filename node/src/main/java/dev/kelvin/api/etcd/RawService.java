package dev.kelvin.api.etcd;

import dev.kelvin.api.ApiError;
import io.grpc.MethodDescriptor;
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
    // The schema descriptor is what the reflection service shows.
    var service =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor());
    var bound = new LinkedHashMap<MethodDescriptor<byte[], byte[]>, Call.Method>();
    for (var method : generated.getMethods()) {
      var raw = method.toBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER).build();
      service.addMethod(raw);
      var name = method.getBareMethodName();
      bound.put(raw, methods.getOrDefault(name, unimplemented(name)));
    }
    var definition = ServerServiceDefinition.builder(service.build());
    bound.forEach(
        (descriptor, method) ->
            definition.addMethod(
                descriptor,
                (call, headers) -> new Call(call, headers, method, answers, lanes.current())));
    return definition.build();
  }

  private static Call.Method unimplemented(String name) {
    var error = new ApiError(UNIMPLEMENTED, "kelvin: " + name + " is not implemented");
    return (request, exchange) -> exchange.refuse(error);
  }
}
