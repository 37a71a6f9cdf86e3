/**
 * What all front doors share: checks, limits, the API's errors, and the way of a request to the
 * replica or the reader. Nothing here knows a transport.
 */
package dev.kelvin.api;
