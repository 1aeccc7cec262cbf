import { createRouter, createWebHistory } from "vue-router";

import Datasets from "./views/Datasets.vue";
import Models from "./views/Models.vue";
import Nowhere from "./views/Nowhere.vue";

export default createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/datasets" },
    { path: "/datasets", component: Datasets },
    { path: "/models", component: Models },
    { path: "/:path(.*)", component: Nowhere },
  ],
});
