/**
 * The HTTP port: keys as plain resources, health, version. Answers in JSON where not said
 * otherwise.
 */
package dev.kelvin.api.rest;
