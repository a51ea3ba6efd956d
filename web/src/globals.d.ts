declare module "*.topojson" {
    const address: string;
    export default address;
}
declare module "*.css";
declare module "*.woff2" {
    const address: string;
    export default address;
}
/** Address of the map's worker, set by build.mjs. */
declare const MAP_WORKER: string;
