namespace Castellan.Server.Admin;
/// <summary>x</summary>
internal static class RealmsRoutes { public static IReadOnlyList<AdminRoute> All { get; } = []; }
