# Grafana with the ClickHouse data source in it. Built once with internet; started, it downloads nothing.
FROM grafana/grafana:13.2.3
ARG CLICKHOUSE_PLUGIN=4.21.3
USER root
# not in /var/lib/grafana: a volume lies over that
RUN mkdir -p /opt/grafana/plugins \
 && grafana cli --pluginsDir /opt/grafana/plugins plugins install grafana-clickhouse-datasource "$CLICKHOUSE_PLUGIN" \
 && chmod -R a+rX /opt/grafana
USER 472
# what Grafana would fetch and ask for by itself: plugins that are not used here, their updates, and the key of their signatures, which it has
ENV GF_PATHS_PLUGINS=/opt/grafana/plugins \
    GF_PLUGINS_PREINSTALL_DISABLED=true \
    GF_PLUGINS_PREINSTALL_AUTO_UPDATE=false \
    GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED=true
