package dev.kelvin.api.rest;

import jakarta.ws.rs.core.UriInfo;

/** Query parameters that need no value, as in {@code ?verbose}. */
final class Flags {
  private Flags() {}

  static boolean has(UriInfo uri, String name) {
    String query;
    try {
      query = uri.getRequestUri().getRawQuery();
    } catch (RuntimeException e) {
      // Characters that no query may have.
      return false;
    }
    if (query != null) {
      for (var parameter : query.split("&")) {
        if (parameter.equals(name) || parameter.startsWith(name + "=")) {
          return true;
        }
      }
    }
    return false;
  }
}
