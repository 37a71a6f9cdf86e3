package dev.kelvin.app;

import dev.kelvin.member.LogLevel;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Our options in the framework's words. What no option changes is in application.properties. */
final class FrameworkSettings {
  private FrameworkSettings() {}

  static Map<String, String> of(Options options) {
    var settings = new LinkedHashMap<String, String>();
    settings.put("quarkus.grpc.server.host", options.listenClient().host());
    settings.put("quarkus.grpc.server.port", Integer.toString(options.listenClient().port()));
    settings.put("quarkus.http.host", options.listenHttp().host());
    settings.put("quarkus.http.port", Integer.toString(options.listenHttp().port()));
    // A little more than a value may have, so that most of what is too large gets our own answer.
    settings.put(
        "quarkus.http.limits.max-body-size", Long.toString(options.maxRequestBytes() + 65_536L));
    var level = options.logLevel().toUpperCase(Locale.ROOT);
    for (var category : LogLevel.CATEGORIES) {
      settings.put("quarkus.log.category.\"" + category + "\".level", level);
    }
    return settings;
  }
}
