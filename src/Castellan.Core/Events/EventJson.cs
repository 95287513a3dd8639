using System.Text.Json.Serialization;

namespace Castellan.Core.Events;

/// <summary>The JSON of events: as the admin API shows them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoginEvent))]
[JsonSerializable(typeof(AdminEvent))]
[JsonSerializable(typeof(List<LoginEvent>))]
[JsonSerializable(typeof(List<AdminEvent>))]
public sealed partial class EventJson : JsonSerializerContext;
